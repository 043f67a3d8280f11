"""The tables as they are now. `migrations/` makes them; a test holds both to each other."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, Integer, MetaData, Table, Text

from macrostrike.journal._columns import Amount, HexBytes, IntTuple, Json, SignalName

metadata = MetaData()

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text))

runs = Table(
    "runs",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("parent_run_id", Text),
    Column("kind", Text),
    Column("state", Text),
    Column("started_at", Double),
    Column("ended_at", Double),
    Column("versions", Json),
    Column("bytecode_hash", HexBytes),
    Column("config_hash", HexBytes),
    Column("beat_at", Double),
    Column("holder", Text),
)

predictions = Table(
    "predictions",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("digest", HexBytes),
    Column("run_id", Text),
    Column("causation_id", Text),
    Column("seen_at", Double),
    Column("source", Text),
    Column("engine", Text),
    Column("engine_nonce", Amount),
    Column("market", Integer),
    Column("signal", SignalName),
    Column("confidence_bps", Integer),
    Column("strategies", Integer),
    Column("model_id", Integer),
    Column("valid_from", BigInteger),
    Column("valid_until", BigInteger),
    Column("horizon", Integer),
    Column("take_profit_bps", Integer),
    Column("stop_loss_bps", Integer),
    Column("signature", HexBytes),
    Column("decision", Text),
    Column("reason", Text),
    Column("detail", Text),
    Column("strike_id", BigInteger),
    Column("decided_at", Double),
)

intents = Table(
    "intents",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("run_id", Text),
    Column("causation_id", Text),
    Column("action", Text),
    Column("digest", HexBytes),
    Column("engine", Text),
    Column("engine_nonce", Amount),
    Column("account", Text),
    Column("account_nonce", BigInteger),
    Column("signed", HexBytes),
    Column("hash", HexBytes),
    Column("state", Text),
    Column("created_at", Double),
    Column("sent_at", Double),
    Column("included_at", Double),
    Column("block_number", BigInteger),
    Column("block_hash", HexBytes),
    Column("gas_used", BigInteger),
    Column("gas_price", Amount),
    Column("error", Text),
    Column("previous_hash", HexBytes),
    Column("row_hash", HexBytes),
    Column("state_hash", HexBytes),
    Column("l1_fee", Amount),
)

blocks = Table(
    "blocks",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", HexBytes),
    Column("parent_hash", HexBytes),
    Column("timestamp", BigInteger),
)

events = Table(
    "events",
    metadata,
    Column("block_number", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("transaction_hash", HexBytes),
    Column("transaction_index", Integer),
    Column("address", Text),
    Column("name", Text),
    Column("args", Json),
    Column("timestamp", BigInteger),
    Column("topics", HexBytes),
    Column("data", HexBytes),
    Column("previous_hash", HexBytes),
    Column("row_hash", HexBytes),
)

strikes = Table(
    "strikes",
    metadata,
    Column("strike_id", BigInteger, primary_key=True, autoincrement=False),
    Column("market", Integer),
    Column("engine", Text),
    Column("engine_nonce", Amount),
    Column("model_id", Integer),
    Column("signal", SignalName),
    Column("confidence_bps", Integer),
    Column("strategies", Integer),
    Column("operator", Text),
    Column("notional", Amount),
    Column("base_amount", Amount),
    Column("horizon", Integer),
    Column("take_profit_bps", Integer),
    Column("stop_loss_bps", Integer),
    Column("opened_at", BigInteger),
    Column("opened_block", BigInteger),
    Column("opened_tx", HexBytes),
    Column("lots", IntTuple),
    Column("status", Text),
    Column("settled_at", BigInteger),
    Column("settled_block", BigInteger),
    Column("settled_tx", HexBytes),
    Column("quote_amount", Amount),
    Column("pnl", Amount),
    Column("won", Boolean),
    Column("settled_by", Text),
)

arbitrages = Table(
    "arbitrages",
    metadata,
    Column("block_number", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", Integer, primary_key=True, autoincrement=False),
    Column("operator", Text),
    Column("token_in", Text),
    Column("amount_in", Amount),
    Column("profit", Amount),
    Column("timestamp", BigInteger),
)

equity = Table(
    "equity",
    metadata,
    Column("block_number", BigInteger, primary_key=True, autoincrement=False),
    Column("timestamp", BigInteger),
    Column("equity", Amount),
    Column("high_water", Amount),
    Column("reserve", Amount),
)

transactions_seen = Table(
    "transactions_seen",
    metadata,
    Column("hash", HexBytes, primary_key=True),
    Column("block_number", BigInteger),
    Column("gas_used", BigInteger),
    Column("gas_price", Amount),
    Column("account", Text),
    Column("action", Text),
    Column("l1_fee", Amount),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text),
    Column("generation", BigInteger),
    Column("expires_at", Double),
)

changes = Table(
    "changes",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    Column("run_id", Text),
    Column("at", Double),
    Column("kind", Text),
    Column("name", Text),
    Column("value", Text),
    Column("cause", Text),
    Column("causation_id", Text),
)

pushes = Table(
    "pushes",
    metadata,
    Column("digest", HexBytes, primary_key=True),
    Column("state", Text),
)

minutes = Table(
    "minutes",
    metadata,
    Column("market", Integer, primary_key=True, autoincrement=False),
    Column("timestamp", BigInteger, primary_key=True, autoincrement=False),
    Column("open", Amount),
    Column("high", Amount),
    Column("low", Amount),
    Column("close", Amount),
)

scores = Table(
    "scores",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", HexBytes),
    Column("outcome", Text),
    Column("entered_at", BigInteger),
    Column("ends_at", BigInteger),
    Column("entry", Amount),
    Column("exit", Amount),
    Column("net_millionths", BigInteger),
)

commitments = Table(
    "commitments",
    metadata,
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("leaves", BigInteger),
    Column("root", HexBytes),
    Column("at", Double),
)
