import type { GatewayError } from "../model/gateway-error.ts";

/** Errors whose call was settled, and with that counted and logged: the listener must not do so again. */
export const toldByItsCall = new WeakSet<GatewayError>();
