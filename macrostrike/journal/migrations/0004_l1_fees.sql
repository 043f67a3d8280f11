-- What is paid beside gas for data on the chain below: NULL in rows of before.

ALTER TABLE intents ADD COLUMN l1_fee {amount};
ALTER TABLE transactions_seen ADD COLUMN l1_fee {amount};
