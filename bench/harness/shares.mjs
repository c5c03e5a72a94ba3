// The answers' shares of all customers at 10 M events and more, in percent, as schema.md has them: data on which they are
// far from these is of another shape.
export const SHARES = {
  'recent-buyers': 9.2, 'broad-interest': 14, 'order-without-coupon': 18, 'frequent-and-valuable': 3.5,
  'first-order-in-app': 19, 'searched-for-presents': 0.41, 'rfm-champions': 2.9, 'left-at-checkout': 1.4,
  'brand-buyers': 2.1, 'abandoned-cart': 5, 'favourite-category': 4.8, 'email-not-opened': 5,
  'cart-abandoned-by-product': 9.6, 'only-in-december': 1.3, lapsing: 3.4, 'viewed-not-bought': 0.54,
  'weekend-evenings': 1.1, 'eight-leaves': 2, 'average-order-between': 2.6, 'top-tenth-of-active': 3,
  'traits-only': 0.68, 'discount-share': 0.48, 'view-cart-order': 14, 'growing-interest': 0.27,
};

const FROM_EVENTS = 1e7;
const FACTOR = 2;

/** What is wrong with an answer's share; empty where nothing is, or the shop is too small to tell. */
export function shareFaults(id, answer, nCustomers, nEvents) {
  const share = (100 * answer) / nCustomers;
  const expected = SHARES[id];
  if (nEvents < FROM_EVENTS || !expected) return [];
  if (share <= expected * FACTOR && share >= expected / FACTOR) return [];
  return [`${share.toFixed(2)} % of the customers, where schema.md has ${expected} %`];
}
