"""What the codes of ISO 20022 and of MT940 mean here, as data; what is not listed is not guessed.

Source: the public external code sets of ISO 20022 (ExternalStatusReason1Code,
ExternalReturnReason1Code, ExternalPaymentTransactionStatus1Code). No bank's own list is known.
"""

from __future__ import annotations

from disbursements.choices import ReturnReason
from disbursements.rules.statements.entries import Told

ISO_REASONS: dict[str, ReturnReason] = {
    "AC01": ReturnReason.ACCOUNT,  # IncorrectAccountNumber
    "AC03": ReturnReason.ACCOUNT,  # InvalidCreditorAccountNumber
    "AC04": ReturnReason.CLOSED,  # ClosedAccountNumber
    "AC06": ReturnReason.BLOCKED,  # BlockedAccount
    "AC07": ReturnReason.CLOSED,  # ClosedCreditorAccountNumber
    "AC14": ReturnReason.BLOCKED,  # InvalidCreditorAccountType
    "AG01": ReturnReason.BLOCKED,  # TransactionForbidden on this kind of account
    "BE01": ReturnReason.NAME,  # InconsistentWithEndCustomer
    "BE22": ReturnReason.NAME,  # MissingCreditorName
    "MD07": ReturnReason.DIED,  # EndCustomerDeceased
    "MS02": ReturnReason.OTHER,  # NotSpecifiedReasonCustomerGenerated
    "MS03": ReturnReason.OTHER,  # NotSpecifiedReasonAgentGenerated
    "NARR": ReturnReason.OTHER,  # told in words
    "RC01": ReturnReason.ACCOUNT,  # BankIdentifierIncorrect
    "RC04": ReturnReason.ACCOUNT,  # InvalidCreditorBankIdentifier
}
# pain.002: only these two mean that the money is where it should be.
STATUSES: dict[str, Told] = {
    "ACSC": Told.SETTLED,  # AcceptedSettlementCompleted
    "ACCC": Told.SETTLED,  # AcceptedCreditSettlementCompleted
    "RJCT": Told.RETURNED,
    "PDNG": Told.PENDING,
    "RCVD": Told.PENDING,
    "ACTC": Told.PENDING,  # AcceptedTechnicalValidation
    "ACCP": Told.PENDING,  # AcceptedCustomerProfile
    "ACSP": Told.PENDING,  # AcceptedSettlementInProcess
    "ACWP": Told.PENDING,  # AcceptedWithoutPosting
}
# Families and sub-families of bank transaction codes (BkTxCd) that are the bank's own charges.
FEE_CODES = frozenset({"CHRG", "FEES", "COMM", "COME", "COMI", "COMT", "MCHG", "TAXE", "INTR"})
RETURN_CODES = frozenset({"RRTN", "RPCR", "ARET", "AREV"})
# MT940 field 61, transaction type: N (or F, S) and three letters.
MT940_FEES = frozenset({"CHG", "COM", "CHK", "INT", "TAX"})
MT940_RETURNS = frozenset({"RTI", "RET"})
