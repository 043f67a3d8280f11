-- As getStrikeStats, in raw quote units: the fields that are of the score.
SELECT opened.count AS opened,
       opened.count - COUNT(s.strike_id) AS open,
       COUNT(s.strike_id) AS settled,
       COALESCE(SUM(s.won), 0) AS wins,
       COUNT(s.strike_id) - COALESCE(SUM(s.won), 0) AS losses,
       COALESCE(SUM(CASE WHEN s.units > 0 THEN s.units * s.unit END), 0) AS profit,
       COALESCE(SUM(CASE WHEN s.units < 0 THEN -s.units * s.unit END), 0) AS loss,
       COALESCE(SUM(s.units * s.unit), 0) AS pnl,
       COALESCE(MAX(CASE WHEN s.units > 0 THEN s.units * s.unit END), 0) AS best,
       COALESCE(MIN(CASE WHEN s.units < 0 THEN s.units * s.unit END), 0) AS worst
FROM (SELECT COUNT(*) AS count FROM strike_opened) AS opened
LEFT JOIN settled_units AS s ON TRUE
GROUP BY opened.count;
