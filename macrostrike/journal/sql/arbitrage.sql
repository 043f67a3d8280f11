-- As getArbitrageCalibration of each model: arbitrages that were attempted, misses counted. Bins as in calibration.sql.
SELECT model_id,
       CASE WHEN confidence_bps >= 9900 THEN 6 ELSE (confidence_bps - 9300) / 100 END AS bin,
       COUNT(*) AS attempts,
       SUM(hit) AS hits,
       SUM(
           CASE WHEN hit = 1 THEN (10000 - confidence_bps) * (10000 - confidence_bps) / 100
                ELSE confidence_bps * confidence_bps / 100 END
       ) AS brier_sum
FROM arbitrage_scored
GROUP BY model_id, CASE WHEN confidence_bps >= 9900 THEN 6 ELSE (confidence_bps - 9300) / 100 END
ORDER BY model_id, bin;
