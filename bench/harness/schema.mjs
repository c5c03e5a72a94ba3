// The tables the peers hold, as schema.md has them.

const EVENTS = ['Page Viewed', 'Product Viewed', 'Product Added', 'Order Completed', 'Email Sent', 'Email Opened',
  'Email Link Clicked', 'Products Searched', 'Product Reviewed', 'Order Refunded', 'Coupon Used', 'App Opened'];
const KINDS = {
  category: ['여성의류', '뷰티', '식품', '남성의류', '신발', '가전', '주방', '건강식품', '유아', '가방', '스포츠', '휴대폰',
    '완구', '도서', '가구', '반려동물', '침구', '컴퓨터', '캠핑', '향수', '문구', '게임', '자동차', '꽃'],
  region: ['서울', '경기', '인천', '부산', '대구', '광주', '대전', '울산', '세종', '강원', '충북', '충남', '전북', '전남',
    '경북', '경남', '제주'],
  channel: ['web', 'app', 'store'],
  payment: ['card', 'kakaopay', 'naverpay', 'tosspay', 'transfer', 'points'],
  os: ['ios', 'android'],
  gender: ['female', 'male'],
  tier: ['basic', 'silver', 'gold', 'vip'],
};
const quoted = (words) => words.map((word) => `'${word}'`).join(', ');

/** The order of each table's rows where they are sorted. */
export const ORDERS = { events: 'event, customer, t', items: 'customer, t', customers: 'customer' };
export const TABLES = Object.keys(ORDERS);

// ---- DuckDB

const duckdbTypes = Object.entries({ event: EVENTS, ...KINDS })
  .map(([kind, words]) => `CREATE TYPE ${kind}_kind AS ENUM (${quoted(words)})`);

const duckdbTables = [
  `CREATE TABLE events (event event_kind, customer UINTEGER, t TIMESTAMP, path VARCHAR, seconds DECIMAL(9,2),
    product_id UINTEGER, category category_kind, brand VARCHAR, price UINTEGER, quantity UTINYINT, order_id VARCHAR,
    revenue UINTEGER, discount UINTEGER, shipping UINTEGER, channel channel_kind, payment payment_kind, coupon VARCHAR,
    campaign VARCHAR, query VARCHAR, results USMALLINT, rating UTINYINT, os os_kind, version VARCHAR)`,
  `CREATE TABLE items (customer UINTEGER, t TIMESTAMP, order_id VARCHAR, product_id UINTEGER, category category_kind,
    brand VARCHAR, price UINTEGER, quantity UTINYINT, channel channel_kind)`,
  `CREATE TABLE customers (customer UINTEGER, region region_kind, birthday DATE, gender gender_kind, tier tier_kind,
    signed_up TIMESTAMP, marketing_consent BOOLEAN, push_consent BOOLEAN)`,
];

/** What makes the schema `name` with its types and empty tables, and stays in it. */
export const duckdbSchema = (name) => [`CREATE SCHEMA ${name}`, `USE ${name}`, ...duckdbTypes, ...duckdbTables];

// ---- ClickHouse

const enum8 = (words, from = 1) => `Enum8(${words.map((word, i) => `'${word}' = ${i + from}`).join(', ')})`;
const orMissing = (kind) => enum8(['', ...KINDS[kind]], 0);

/** The tables of ClickHouse; 18.16 has String where the current one has LowCardinality(String). */
export function clickhouseSchema(is18) {
  const few = is18 ? 'String' : 'LowCardinality(String)';
  return [
    `CREATE TABLE events (event ${enum8(EVENTS)}, customer UInt32, t DateTime('UTC'), path ${few}, seconds Decimal(9,2),
      product_id UInt32, category ${orMissing('category')}, brand ${few}, price UInt32, quantity UInt8, order_id String,
      revenue UInt32, discount UInt32, shipping UInt32, channel ${orMissing('channel')}, payment ${orMissing('payment')},
      coupon ${few}, campaign ${few}, query String, results UInt16, rating UInt8, os ${orMissing('os')}, version ${few})
      ENGINE = MergeTree ORDER BY (event, customer, t)`,
    `CREATE TABLE items (customer UInt32, t DateTime('UTC'), order_id String, product_id UInt32,
      category ${orMissing('category')}, brand ${few}, price UInt32, quantity UInt8, channel ${orMissing('channel')})
      ENGINE = MergeTree ORDER BY (customer, t)`,
    `CREATE TABLE customers (customer UInt32, region ${orMissing('region')}, birthday UInt32,
      gender ${orMissing('gender')}, tier ${enum8(KINDS.tier)}, signed_up DateTime('UTC'), marketing_consent UInt8,
      push_consent UInt8) ENGINE = MergeTree ORDER BY customer`,
    `CREATE TABLE customers_file (customer UInt32, region String, birthday String, gender String, tier String,
      signed_up DateTime('UTC'), marketing_consent String, push_consent String) ENGINE = Memory`,
  ];
}

/** Customers as the file has them into customers as they are kept: a date is a number, a boolean 0 or 1. */
export const CLICKHOUSE_CUSTOMERS = `INSERT INTO customers
  SELECT customer, region, toUInt32OrZero(replaceAll(birthday, '-', '')), gender, tier, signed_up,
         marketing_consent = 'true', push_consent = 'true'
  FROM customers_file`;
