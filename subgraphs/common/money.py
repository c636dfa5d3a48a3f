"""Money as a value: minor units and an ISO 4217 currency, exact, without GraphQL or SQL."""

import re
from dataclasses import dataclass
from typing import Self

MINOR_MAX = 2**63 - 1
"""What fits a BIGINT."""
_AMOUNT = re.compile(r"(-?)(\d{1,18})(?:\.(\d{1,4}))?", re.ASCII)

EXPONENTS: dict[str, int] = {
    **dict.fromkeys(
        [
            "AED",
            "AUD",
            "BRL",
            "CAD",
            "CHF",
            "CNY",
            "CZK",
            "DKK",
            "EGP",
            "EUR",
            "GBP",
            "HKD",
            "HUF",
            "IDR",
            "ILS",
            "INR",
            "MXN",
            "MYR",
            "NOK",
            "NZD",
            "PHP",
            "PLN",
            "RON",
            "SAR",
            "SEK",
            "SGD",
            "THB",
            "TRY",
            "TWD",
            "UAH",
            "USD",
            "ZAR",
        ],
        2,
    ),
    **dict.fromkeys(["CLP", "ISK", "JPY", "KRW", "PYG", "VND", "XAF", "XOF"], 0),
    **dict.fromkeys(["BHD", "JOD", "KWD", "OMR", "TND"], 3),
}
"""Currencies that the marketplace takes, with the digits after the point of each."""


class MoneyError(ValueError):
    """Text that is no amount of money; the message can be shown to a client."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount: `Money(1999, "USD")` is 19.99 US dollars."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in EXPONENTS:
            raise MoneyError(f"Unknown currency {self.currency[:8]!r}.")
        if abs(self.minor) > MINOR_MAX:
            raise MoneyError("The amount is too large.")

    @classmethod
    def parse(cls, amount: str, currency: str) -> Self:
        """Read a decimal such as `"19.99"`.

        Raises:
            MoneyError: no plain decimal, too many digits after the point for the currency, unknown currency.
        """
        exponent = EXPONENTS.get(currency)
        if exponent is None:
            raise MoneyError(f"Unknown currency {currency[:8]!r}.")
        match = _AMOUNT.fullmatch(amount)
        if match is None:
            raise MoneyError('An amount is a plain decimal such as "19.99".')
        sign, whole, fraction = match[1], match[2], match[3] or ""
        if len(fraction.rstrip("0")) > exponent:
            raise MoneyError(f"{currency} has {exponent} digits after the point.")
        minor = int(whole) * 10**exponent + int((fraction[:exponent].ljust(exponent, "0")) or "0")
        return cls(-minor if sign else minor, currency)

    @property
    def amount(self) -> str:
        """The decimal as text, always with all of the currency's digits: `"19.90"`, `"1500"` for JPY."""
        exponent = EXPONENTS[self.currency]
        if exponent == 0:
            return str(self.minor)
        whole, fraction = divmod(abs(self.minor), 10**exponent)
        return f"{'-' if self.minor < 0 else ''}{whole}.{fraction:0{exponent}d}"

    def __add__(self, other: Self) -> "Money":
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: Self) -> "Money":
        return Money(self.minor - self._minor_of(other), self.currency)

    def __mul__(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    def _minor_of(self, other: Self) -> int:
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} do not add up.")
        return other.minor
