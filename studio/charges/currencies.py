"""Currencies by their codes of ISO 4217, with the digits that people write behind the point.

Those in use at the beginning of 2026, without precious metals, funds' and test codes.
"""

from __future__ import annotations

from studio import numbers
from studio.errors import StudioError, nearest

USUAL = 2  # digits behind the point
_WITHOUT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_OTHERS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG
HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED
VES WST XCD XCG YER ZAR ZMW ZWG
"""
DIGITS = {code: USUAL for code in _OTHERS.split()}
DIGITS |= {code: 0 for code in _WITHOUT.split()} | {code: 3 for code in _THREE.split()}


def checked(code: str) -> str:
    """The code in capitals; StudioError where no currency has it."""
    found = code.strip().upper()
    if found not in DIGITS:
        raise StudioError(
            f"There is no currency {numbers.shown(code)}.",
            f"{nearest(found, DIGITS)}Give its code of ISO 4217, as EUR, USD or JPY.",
        )
    return found
