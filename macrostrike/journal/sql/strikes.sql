-- Every strike's life: when it was due, who closed it, how, and at which prices where it was taken over.
SELECT o.strike_id,
       o.market,
       o.signal,
       o.model_id,
       o.confidence_bps,
       o.notional,
       o.block_time AS opened_at,
       COALESCE(d.block_time, o.block_time + o.horizon) AS due_at,
       s.block_time AS closed_at,
       s.closed_by,
       s.how,
       s.quote_amount,
       s.pnl,
       s.won,
       t.off_bps,
       t.oracle_quote,
       t.mean_quote,
       t.start_quote
FROM strike_opened AS o
LEFT JOIN strike_due AS d ON d.strike_id = o.strike_id
LEFT JOIN strike_settled AS s ON s.strike_id = o.strike_id
LEFT JOIN strike_taken AS t ON t.strike_id = o.strike_id
ORDER BY o.strike_id;
