import type { ModelPrice } from "../../ledger/prices/model-price.ts";
import type { PriceBook } from "../../ledger/prices/price-book.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { Route, WeightedTarget } from "../../model/snapshot.ts";

/** A target whose price is known. */
export interface PricedTarget {
  readonly member: WeightedTarget;
  readonly price: ModelPrice;
}

/** A budget can't be kept for what has no price. Throws `unpriced_model` where nothing is left. */
export function pricedTargets(
  prices: PriceBook,
  { alias, targets }: Route,
  nowMs: number,
): readonly PricedTarget[] {
  const priced = targets.flatMap((member): PricedTarget[] => {
    const price = prices.price(member.target.upstream.provider, member.target.model, nowMs);
    return price === undefined ? [] : [{ member, price }];
  });
  if (priced.length > 0) return priced;
  throw new GatewayError("unpriced_model", {
    message: `"${alias}" has no price, and this key has a budget.`,
    field: "model",
  });
}
