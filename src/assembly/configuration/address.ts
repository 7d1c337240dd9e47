import { isIP } from "node:net";
import type { TextRule } from "./fields.ts";

/** The rules for the address of a provider. */
export const baseUrlRules: readonly TextRule[] = [
  ["must be an http or https address", (text) => /^https?:\/\/[^\s\\]+$/i.test(text) && URL.canParse(text)],
  ["must not hold a user name or password", (text) => hasNoUser(new URL(text))],
  ["must not have a query or fragment", (text) => !/[?#]/.test(text)],
];

/** The rules for the address of a webhook. */
export const webhookRules: readonly TextRule[] = [
  ["must be an http or https address", (text) => /^https?:\/\/[^\s\\]+$/i.test(text) && URL.canParse(text)],
  ["must not hold a user name or password", (text) => hasNoUser(new URL(text))],
  ["must not have a fragment", (text) => !text.includes("#")],
];

/** The rules for the address of a proxy, which may hold a user name and password. */
export const proxyRules: readonly TextRule[] = [
  ["must be an http or https address", (text) => /^https?:\/\/[^\s\\]+$/i.test(text) && URL.canParse(text)],
  ["must not have a path, query or fragment", (text) => isBare(new URL(text))],
];

function hasNoUser(url: URL): boolean {
  return url.username === "" && url.password === "";
}

function isBare(url: URL): boolean {
  return url.pathname === "/" && url.search === "" && url.hash === "";
}

const HOST_NAME = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i;

/** True for an address or name that one can listen on. */
export function isHost(host: string): boolean {
  return isIP(host) !== 0 || HOST_NAME.test(host);
}

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
