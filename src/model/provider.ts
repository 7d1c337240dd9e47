import type { OperationPaths } from "./dialect.ts";
import type { DialectId } from "./dialect-id.ts";
import type { ErrorClass } from "./error-class.ts";
import type { Operation } from "./operation.ts";
import type { FamilyQuirks } from "./quirks.ts";
import type { RequestAdaptation } from "./request-adaptation.ts";

/** How a key travels as it is. */
export type KeyPlace = { readonly scheme: "bearer" } | { readonly scheme: "header"; readonly name: string };

/**
 * How a caller proves who it is. The schemes with a `key` have credentials of several parts, from which each request's
 * proof is worked out (src/egress/signing); where a plain key is set instead, it travels as `key` says.
 */
export type Authentication =
  | KeyPlace
  | { readonly scheme: "none" }
  /** AWS's signature, version 4. */
  | { readonly scheme: "aws"; readonly service: string; readonly key: KeyPlace }
  /** Access tokens of Google Cloud. */
  | { readonly scheme: "google"; readonly key: KeyPlace }
  /** Access tokens of Microsoft Entra. */
  | { readonly scheme: "entra"; readonly scope: string; readonly key: KeyPlace };

/** A dialect in which a provider can be asked, and what for. */
export interface Endpoint {
  readonly dialect: DialectId;
  /** Paths in place of the dialect's own, by operation; `false` for one that is not offered. Absent: the dialect's. */
  readonly paths?: { readonly [O in Operation]?: OperationPaths | false };
  /** Path of the list of models in place of the dialect's own; `false` where there is none. Absent: the dialect's. */
  readonly modelList?: string | false;
  /** Patterns of the models that are served here. Absent: all. */
  readonly models?: readonly string[];
  /** What requests need here beyond the dialect, by operation. */
  readonly adaptations?: { readonly [O in Operation]?: RequestAdaptation };
  /** Patterns of models that are not served here, though they fit `models`. Absent: none. */
  readonly exceptModels?: readonly string[];
}

/** A part of a provider's address that is the operator's own: a region, a project, a resource's name. */
export interface ProviderOption {
  readonly description: string;
  /** The environment variables that usually hold it, first found wins. */
  readonly variables: readonly string[];
  readonly usual?: string;
  /**
   * Other placeholders that follow from its value: the text beside the first pattern that fits (`*` for any run of
   * characters), in which `{value}` stands for the value itself.
   */
  readonly gives?: { readonly [placeholder: string]: readonly (readonly [pattern: string, text: string])[] };
}

/** What a service tier costs, as a factor of the list price of tokens. Fees per request or tool call stay as they are. */
export interface ServiceTierFactor {
  /** In the provider's word, as its answers say it; `batch` is the tier of whatever is sent in a batch. */
  readonly tier: string;
  /** An exact decimal: `0.5` for half. */
  readonly factor: string;
  /** Patterns of the models that it holds for (`*` for any run of characters). Absent: all. */
  readonly models?: readonly string[];
}

/** How to reach one vendor: data only. What differs between vendors is a value here, never a test of a name. */
export interface Provider {
  readonly id: string;
  /** As people write it. */
  readonly title: string;
  /** In the order of preference: a client's own dialect goes first, then the first that can be translated to. */
  readonly endpoints: readonly Endpoint[];
  /** `{name}` stands for the option of that name. */
  readonly baseUrl: string;
  readonly options?: { readonly [name: string]: ProviderOption };
  readonly authentication: Authentication;
  /** The environment variables that usually hold its key, first found wins. Empty for one that needs none. */
  readonly keyVariables: readonly string[];
  /** Variables that hold, in place of a key, a token to be sent as `Authorization: Bearer`; asked after the keys. */
  readonly tokenVariables?: readonly string[];
  /**
   * For a server of the operator's own: the environment variables that usually hold its address, first found wins. It is
   * there where one of them is set or the configuration names it, and its key is as optional as the server has it.
   */
  readonly addressVariables?: readonly string[];
  /** True where its operator pays for the machine and for no call. Absent: calls cost something. */
  readonly free?: boolean;
  /** Headers that every call carries. */
  readonly headers?: { readonly [name: string]: string };
  /** Its name in the price data, where that knows it. */
  readonly priceDataId?: string;
  /** What its service tiers cost compared to the list price; where several fit a model, the first counts. */
  readonly serviceTiers?: readonly ServiceTierFactor[];
  /** Models that it serves whatever the price data says. */
  readonly models?: readonly string[];
  /** Patterns of names in the price data that stand for several models, and are no model's name here. */
  readonly unlisted?: readonly string[];
  /** The model meant where a request names the provider alone. */
  readonly defaultModel?: string;
  /** What it does otherwise than its dialect; where several fit a model, all hold, and the later of a kind wins. */
  readonly quirks?: readonly FamilyQuirks[];
  /**
   * Vendor error codes (`error.code` or `error.type`) that mean something more precise than their status; or a status
   * that the vendor alone uses in that way, as text.
   */
  readonly errorClasses?: { readonly [vendorCode: string]: ErrorClass };
  /** Answers inside this process instead of over the network. */
  readonly local?: LocalProvider;
}

/** A provider that is part of Gatehouse: takes the request it would have been sent, gives the answer. */
export type LocalProvider = (body: Uint8Array, signal: AbortSignal) => Promise<Response>;
