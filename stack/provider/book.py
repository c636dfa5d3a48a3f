"""The provider's own book of charges and refunds, in SQLite: what it knows survives its restarts."""

import json
import secrets
import sqlite3
import time
from typing import Any

Record = dict[str, Any]

DECLINES = {
    "tok_declined": ("card_declined", "The card was declined.", True),
    "tok_insufficient": ("insufficient_funds", "There is not enough money on the card.", True),
    "tok_stolen": ("stolen_card", "The card was reported stolen.", False),
}
"""Tokens of cards that are declined: code, message, whether another try may help."""
TOKEN_3DS = "tok_3ds"  # noqa: S105  the name of a test card, whose bank asks its owner
TOKEN_FAILED_REFUND = "tok_closed"  # noqa: S105  the name of a test card that takes nothing back
OPEN = ("REQUIRES_ACTION", "PROCESSING")
TABLES = """
CREATE TABLE IF NOT EXISTS charges (id TEXT PRIMARY KEY, reference TEXT UNIQUE NOT NULL, at REAL NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refunds (id TEXT PRIMARY KEY, charge_id TEXT NOT NULL, at REAL NOT NULL, body TEXT NOT NULL);
"""


class Book:
    """Charges and refunds by the ids that the shop gave them: the same id is the same charge."""

    def __init__(self, path: str, settle_s: float) -> None:
        """Open the book; a card's money comes `settle_s` seconds after its owner has done all."""
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.executescript(TABLES)
        self._settle_s = settle_s

    def charge(self, wanted: Record) -> Record:
        """Begin a charge, or give the one that was begun with this id."""
        known = self.find(wanted["id"])
        if known is not None:
            return known
        record = {
            **{key: wanted[key] for key in ("id", "minor", "currency", "method", "token", "note")},
            "reference": f"ch_{secrets.token_hex(12)}",
            "returnUrl": wanted["returnUrl"],
            "failure": None,
            "settlesAt": None,
        }
        return self._save(record | self._begin(record))

    def find(self, charge_id: str) -> Record | None:
        """The charge with the shop's id, as it is by now."""
        return self._read("SELECT body FROM charges WHERE id = ?", charge_id)

    def find_by_reference(self, reference: str) -> Record | None:
        """The charge with our reference."""
        return self._read("SELECT body FROM charges WHERE reference = ?", reference)

    def list_charges(self, after: float, before: float) -> list[Record]:
        """The charges begun between two times (Unix seconds)."""
        rows = self._database.execute(
            "SELECT body FROM charges WHERE at >= ? AND at < ? ORDER BY at", (after, before)
        )
        return [self._settled(json.loads(body)) for (body,) in rows]

    def decide(self, record: Record, *, is_approved: bool) -> Record:
        """What the payer did at our page, or at the bank."""
        if record["status"] != "REQUIRES_ACTION":
            return record
        if is_approved:
            return self._save(record | {"status": "PROCESSING", "settlesAt": time.time() + self._settle_s})
        failure = {"code": "declined_by_payer", "message": "The payer said no.", "retryable": True}
        return self._save(record | {"status": "FAILED", "failure": failure})

    def pay_late(self, record: Record) -> Record:
        """Money that arrives although the charge was cancelled: banks do not ask."""
        return self._save(record | {"status": "SUCCEEDED", "failure": None})

    def cancel(self, charge_id: str) -> Record:
        """End a charge; one that never began is noted as ended, so that it cannot begin any more."""
        record = self.find(charge_id)
        if record is None:
            empty = {"minor": 0, "currency": "", "method": "", "token": None, "note": "", "returnUrl": None}
            record = {"id": charge_id, **empty, "reference": f"ch_{secrets.token_hex(12)}", "settlesAt": None}
            return self._save(record | {"status": "CANCELLED", "failure": None})
        return self._save(record | {"status": "CANCELLED"}) if record["status"] in OPEN else record

    def refund(self, refund_id: str, charge_id: str, minor: int) -> Record | None:
        """Pay back, or give what was paid back with this id; None if there is no such charge."""
        known = self._read_refund(refund_id)
        charge = self.find(charge_id)
        if known is not None or charge is None:
            return known
        rows = self._database.execute("SELECT body FROM refunds WHERE charge_id = ?", (charge_id,))
        records = [json.loads(body) for (body,) in rows]
        back = sum(record["minor"] for record in records if record["status"] == "SUCCEEDED")
        is_good = (
            charge["status"] == "SUCCEEDED"
            and 0 < minor <= charge["minor"] - back
            and charge["token"] != TOKEN_FAILED_REFUND
        )
        record = {"id": refund_id, "chargeId": charge_id, "minor": minor}
        record["status"] = "SUCCEEDED" if is_good else "FAILED"
        self._database.execute(
            "INSERT INTO refunds VALUES (?, ?, ?, ?)", (refund_id, charge_id, time.time(), json.dumps(record))
        )
        return record

    def close(self) -> None:
        """Close the book."""
        self._database.close()

    def _begin(self, record: Record) -> Record:
        if record["token"] in DECLINES:
            code, message, is_retryable = DECLINES[record["token"]]
            failure = {"code": code, "message": message, "retryable": is_retryable}
            return {"status": "FAILED", "failure": failure}
        if record["method"] == "CREDIT_CARD" and record["token"] != TOKEN_3DS:
            return {"status": "PROCESSING", "settlesAt": time.time() + self._settle_s}
        return {"status": "REQUIRES_ACTION"}

    def _settled(self, record: Record) -> Record:
        if record["status"] == "PROCESSING" and time.time() >= record["settlesAt"]:
            return self._save(record | {"status": "SUCCEEDED"})
        return record

    def _save(self, record: Record) -> Record:
        self._database.execute(
            "INSERT INTO charges VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (record["id"], record["reference"], time.time(), json.dumps(record)),
        )
        return record

    def _read(self, statement: str, key: str) -> Record | None:
        row = self._database.execute(statement, (key,)).fetchone()
        return None if row is None else self._settled(json.loads(row[0]))

    def _read_refund(self, refund_id: str) -> Record | None:
        row = self._database.execute("SELECT body FROM refunds WHERE id = ?", (refund_id,)).fetchone()
        return None if row is None else dict(json.loads(row[0]))
