-- As getStrategyStats of each strategy that took part: bot b is of strategy b / 5. Each bot's share is rounded down.
WITH totals AS (
    SELECT strike_id, SUM(lots) AS lots FROM strike_lots GROUP BY strike_id
),
shares AS (
    SELECT s.strike_id,
           w.bot / 5 AS strategy,
           s.won,
           s.unit,
           (s.units * w.lots - ((s.units * w.lots % t.lots) + t.lots) % t.lots) / t.lots AS share
    FROM settled_units AS s
    JOIN strike_lots AS w ON w.strike_id = s.strike_id
    JOIN totals AS t ON t.strike_id = s.strike_id
),
strikes AS (
    SELECT strike_id, strategy, MAX(won) AS won, SUM(share * unit) AS pnl
    FROM shares
    GROUP BY strike_id, strategy
)
SELECT strategy, COUNT(*) AS settled, SUM(won) AS wins, SUM(pnl) AS pnl
FROM strikes
GROUP BY strategy
ORDER BY strategy;
