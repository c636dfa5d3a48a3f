"""Who may read what, subgraph by subgraph: `Type.field`, or `Type.*` for the fields that have no line of their own.

A caller reads what is the caller's own; `admin` holds every scope that reads. Nobody else's is null, or an error that says
nothing of whether it exists.
"""

from tests.support.access import EVERYBODY, NOBODY, ONLY_ADMIN, ONLY_OWNER, OWN, SIGNED_IN

ENTITIES = {
    "orders": {
        "Order.*": OWN,
        "Order.allowedActions": ONLY_OWNER,
        "License.*": OWN,
        "License.downloadUrl": ONLY_OWNER,
        "Product.*": EVERYBODY,
        "User.id": EVERYBODY,
        "User.orders": OWN,
        "User.library": OWN,
    },
    "payments": {
        "Payment.*": OWN,
        "Payment.attempts": ONLY_ADMIN,
        "Refund.*": OWN,
        "Order.id": EVERYBODY,
        # The number is orders' to show; here it is what the caller sent.
        "Order.number": EVERYBODY,
        "Order.total": EVERYBODY,
        "Order.payments": OWN,
        # Of somebody else's order it is the total that the caller sent: payments of others do not count.
        "Order.amountDue": SIGNED_IN,
        "User.id": EVERYBODY,
        "User.payments": OWN,
    },
    "products": {
        "Product.*": EVERYBODY,
        "Product.unitCost": NOBODY,
        "Product.priceHistory": NOBODY,
        "Category.*": EVERYBODY,
        "Review.*": EVERYBODY,
        "User.id": EVERYBODY,
        "User.reviews": EVERYBODY,
        "User.wishlist": ONLY_OWNER,
    },
    "users": {
        "User.*": OWN,
        "User.id": EVERYBODY,
        "User.displayName": EVERYBODY,
        "User.avatarUrl": EVERYBODY,
    },
    "auth": {
        "User.*": OWN,
        "User.lockedUntil": ONLY_ADMIN,
    },
}
ROOTS = {
    "orders": {"order": OWN, "myOrders": ONLY_OWNER, "orders": ONLY_ADMIN},
    "payments": {
        "payment": OWN,
        "myPayments": ONLY_OWNER,
        "payments": ONLY_ADMIN,
        "paymentMethods": ONLY_OWNER,
        "reconciliationReports": ONLY_ADMIN,
    },
    "products": {
        "products": EVERYBODY,
        "product": EVERYBODY,
        "categories": EVERYBODY,
        "category": EVERYBODY,
        "searchSuggestions": EVERYBODY,
    },
    "users": {"me": SIGNED_IN, "user": OWN, "users": ONLY_ADMIN, "userStatistics": ONLY_ADMIN},
    "auth": {"viewer": SIGNED_IN, "auditLog": ONLY_ADMIN},
}
PUBLIC_MUTATIONS = {
    "register",
    "login",
    "completeMfaLogin",
    "refreshToken",
    "verifyEmail",
    "requestPasswordReset",
    "resetPassword",
    "exchangeApiKey",
}
"""What somebody may do who is not logged in; each checks what it is given."""
PRIVILEGED = frozenset(
    [
        "role",
        "roles",
        "scopes",
        "status",
        "emailVerified",
        "mfaEnabled",
        "lockedUntil",
        "isOwnedByMe",
        "verifiedPurchase",
        "userId",
        "customerId",
        "payerId",
        "authorId",
        "ownerId",
        "requestedBy",
        "version",
        "price",
        "unitPrice",
        "total",
        "subtotal",
        "discount",
        "amount",
        "currency",
        "refundedTotal",
        "paidBy",
        "verifiedAt",
        "createdAt",
        "updatedAt",
        "paymentDeadline",
        "expiresAt",
        "helpfulCount",
        "unitCost",
        "licenseLimit",
    ]
)
"""What clients would like to say of themselves, of prices and of states."""
MAY_BE_SET: dict[str, set[str]] = {
    "products": {
        *("createProduct.input.status", "createProduct.input.licenseLimit", "moderateReview.status"),
        *("createProduct.input.price.amount", "createProduct.input.price.currency"),
        *("updateProduct.input.status", "updateProduct.input.licenseLimit"),
        *("updateProduct.input.price.amount", "updateProduct.input.price.currency"),
    },
    # What the customer expects is compared, and never taken.
    "orders": {
        *("createOrder.input.expectedTotal.amount", "createOrder.input.expectedTotal.currency"),
        "updateOrderStatus.status",
    },
    "payments": {"refundPayment.input.amount.amount", "refundPayment.input.amount.currency"},
    "users": set(),
    "auth": {
        *("setUserRole.userId", "setUserRole.role", "setUserStatus.userId", "setUserStatus.status"),
        *("createApiKey.input.scopes", "createApiKey.input.expiresAt"),
    },
}
"""Where a mutation takes something of that name, which is all there is."""
SUBSCRIPTIONS = {
    "products": {"productPriceChanged": EVERYBODY},
    "orders": {"orderStatusChanged": OWN, "allOrderStatusChanges": ONLY_ADMIN},
    "payments": {"paymentStatusChanged": OWN},
    "users": {},
    "auth": {},
}
