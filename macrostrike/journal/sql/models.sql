-- By model, over all of its confidence bins.
SELECT model_id,
       COUNT(*) AS settled,
       SUM(won) AS wins,
       SUM(units * unit) AS pnl
FROM settled_units
GROUP BY model_id
ORDER BY model_id;
