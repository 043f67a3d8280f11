-- As getCalibration of each model: what it claimed against what was delivered. Bin 0 is 93.00 to 93.99 %, … bin 6 from 99 %.
-- brier_sum: (confidence - outcome) ^ 2 in units of 1e-6.
SELECT model_id,
       CASE WHEN confidence_bps >= 9900 THEN 6 ELSE (confidence_bps - 9300) / 100 END AS bin,
       COUNT(*) AS settled,
       SUM(won) AS wins,
       SUM(
           CASE WHEN won = 1 THEN (10000 - confidence_bps) * (10000 - confidence_bps) / 100
                ELSE confidence_bps * confidence_bps / 100 END
       ) AS brier_sum
FROM strike_settled
GROUP BY model_id, CASE WHEN confidence_bps >= 9900 THEN 6 ELSE (confidence_bps - 9300) / 100 END
ORDER BY model_id, bin;
