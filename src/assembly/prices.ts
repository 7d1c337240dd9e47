export type { Rate } from "../ledger/prices/price.ts";
export { modelsOf, priceDataIds, priceOf } from "../ledger/prices/price-data.ts";
