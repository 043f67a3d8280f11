-- As getSignalStats of each signal that was settled.
SELECT signal,
       COUNT(*) AS settled,
       SUM(won) AS wins,
       COALESCE(SUM(CASE WHEN units > 0 THEN units * unit END), 0) AS profit,
       COALESCE(SUM(CASE WHEN units < 0 THEN -units * unit END), 0) AS loss
FROM settled_units
GROUP BY signal
ORDER BY signal;
