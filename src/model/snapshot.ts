import type { Condition } from "./condition.ts";
import type { DialectId } from "./dialect-id.ts";
import type { ErrorClass } from "./error-class.ts";
import type { Operation } from "./operation.ts";
import type { LocalProvider } from "./provider.ts";
import type { FamilyQuirks, Quirks } from "./quirks.ts";
import type { Reach } from "./reach.ts";
import type { RequestAdaptation } from "./request-adaptation.ts";
import type {
  RollbackSettings,
  RouteSettings,
  RoutingSettings,
  StrategyId,
  Tier,
  Together,
} from "./route-settings.ts";

export type { StrategyId };

/** How long each phase of a call may take, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  /** From sending the request to the first byte of the answer. */
  readonly firstByteMs: number;
  /** Between two reads of an answer. */
  readonly betweenBytesMs: number;
  /** The whole call, all its attempts together. */
  readonly totalMs: number;
}

/** A dialect in which a provider can be asked for one operation, at a compiled address. */
export interface UpstreamEndpoint {
  readonly operation: Operation;
  readonly dialect: DialectId;
  /** Full addresses; `{model}` stands for the model's name, escaped for a path. */
  readonly url: string;
  readonly streamUrl: string;
  /** Where a request with one input alone goes. Absent: it can't be asked for as it is. */
  readonly singleUrl?: string;
  /** Patterns of the models that are served here. Absent: all. */
  readonly models?: readonly string[];
  readonly adaptation?: RequestAdaptation;
  /** Patterns of models that are not served here, though they fit `models`. Absent: none. */
  readonly exceptModels?: readonly string[];
}

/** Proves who calls, where the proof depends on the request or on time. Gives the headers to add. */
export interface RequestSigner {
  /**
   * Throws `upstream_authentication` where no proof can be had. `send` is the way out for what must be asked for first,
   * such as an access token.
   */
  sign(request: SignableRequest, send: SignersWay): Promise<{ readonly [name: string]: string }>;
}

/** A call that a signer makes on its own account; its address is the operator's or the vendor's, never a request's. */
export interface SignersCall {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  readonly reach: Reach;
  readonly proxy?: string;
}

/** The whole answer to it, whatever its status. */
export interface SignersAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Makes the call. Rejects where there is no whole answer. */
export type SignersWay = (call: SignersCall) => Promise<SignersAnswer>;

/** What a signature is made over. */
export interface SignableRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array | string;
}

/** A provider, compiled: everything that a call needs, worked out when the configuration was loaded. */
export interface Upstream {
  readonly provider: string;
  /** In the order of preference. */
  readonly endpoints: readonly UpstreamEndpoint[];
  readonly origin: string;
  /** Where the origin's name may lead; absent: to public addresses only. */
  readonly reach?: Reach;
  /** Where its models are listed, and in which dialect; absent where its dialects know of no list. */
  readonly modelList?: { readonly url: string; readonly dialect: DialectId };
  /** Everything sent but what the request itself brings; the credential included, so never to be logged. */
  readonly headers: { readonly [name: string]: string };
  /** The credential alone, to recognise it where a provider quotes it. */
  readonly credential?: string;
  /** What the credential is called among several of one provider. Absent: it is the only one. */
  readonly credentialName?: string;
  /** Where there are several credentials: this provider with each of them, in their order. */
  readonly pool?: readonly Upstream[];
  /** The credential's share of the calls, relative to the others of the pool. Absent: 1. */
  readonly credentialWeight?: number;
  /** The most calls at once with this credential. Absent: no bound. */
  readonly maxInFlight?: number;
  /** Where its machines stand. Absent: not known. */
  readonly region?: string;
  /** What is known of its models, by the provider's own names. */
  readonly knownModels?: ReadonlyMap<string, CatalogModel>;
  readonly signer?: RequestSigner;
  readonly tls?: { readonly ca: string };
  readonly proxy?: string;
  readonly timeouts: Timeouts;
  readonly quirks: readonly FamilyQuirks[];
  readonly errorClasses: { readonly [vendorCode: string]: ErrorClass };
  readonly local?: LocalProvider;
}

/** Where one target is asked for one operation. */
export interface TargetEndpoint {
  readonly dialect: DialectId;
  readonly url: string;
  readonly streamUrl: string;
  /** Where a request with one input alone goes. Absent: it can't be asked for as it is. */
  readonly singleUrl?: string;
  readonly adaptation?: RequestAdaptation;
}

/** One place that may serve a call: a provider and its own name of the model. */
export interface Target {
  readonly upstream: Upstream;
  readonly model: string;
  /** `provider/model`, as clients and people see it. */
  readonly name: string;
  /** In the order of preference; absent for an operation that it does not serve. */
  readonly endpoints: { readonly [O in Operation]?: readonly TargetEndpoint[] };
  /** What holds for this model. */
  readonly quirks: Quirks;
  /** Absent where nothing is known of the model. */
  readonly known?: CatalogModel;
}

/** What is done where a request can't be carried out as it was asked: say so and go on, or refuse. */
export type TranslationMode = "warn" | "strict";

/** A model alias: tiers of targets and how to choose among them. */
export interface Route {
  readonly alias: string;
  readonly translation: TranslationMode;
  /** In the order in which they are asked. */
  readonly tiers: readonly Tier[];
  /** The targets of all tiers, in their order. */
  readonly targets: readonly WeightedTarget[];
  readonly settings: RouteSettings;
  /** Where calls are divided among several ways. */
  readonly arms?: RouteArms;
  /** The name of the arm, where this is one. */
  readonly arm?: string;
  readonly shadow?: Shadow;
}

/** Where a share of a route's calls is copied to, whose answers nobody gets. */
export interface Shadow {
  /** The one target as a route of its own, so that policies and filters judge it like any other. */
  readonly route: Route;
  /** Of the calls, from 0 to 1. */
  readonly share: number;
  /** A copy beyond so many at once is not made. */
  readonly maxInFlight: number;
}

/** A target of a route. */
export interface WeightedTarget {
  readonly target: Target;
  readonly weight: number;
  /** Its tier, from 0. */
  readonly tier: number;
  /** In place of the provider's. */
  readonly region?: string;
  readonly when?: Condition;
}

/** Ways among which a route's calls are divided; calls that belong together go the same way. */
export interface RouteArms {
  /** What the division is called: a new name divides anew. */
  readonly name: string;
  readonly together: Together;
  readonly arms: readonly RouteArm[];
  /** For a canary: its own arm is the second, and it is given up by itself when it is worse than the first. */
  readonly rollback?: RollbackSettings;
}

/** One of the ways. */
export interface RouteArm {
  /** Its share, relative to the others. */
  readonly weight: number;
  readonly route: Route;
}

/** What a model takes. */
export const MODALITIES = ["text", "image", "audio", "video", "document"] as const;

export type Modality = (typeof MODALITIES)[number];

/** A model that a configured provider is known to serve. What is absent is unknown. */
export interface CatalogModel {
  readonly provider: string;
  readonly model: string;
  /** In tokens. */
  readonly contextWindow?: number;
  /** The most tokens of an answer. */
  readonly outputLimit?: number;
  readonly input?: readonly Modality[];
}

/**
 * A configuration, compiled and frozen, but for its lists: JavaScriptCore reads the elements of a frozen array through a
 * table, three to ten times as slowly, and each request reads many. A request pins the snapshot it began with.
 */
export interface Snapshot {
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly routes: ReadonlyMap<string, Route>;
  readonly catalog: readonly CatalogModel[];
  /** Bare model name -> the providers known to serve it. */
  readonly providersByModel: ReadonlyMap<string, readonly string[]>;
  /** What `/generate` uses where neither provider nor model is named: `provider/model` or a route's alias. */
  readonly defaultModel?: string;
  /** Provider -> its own name of the model that `/generate` uses where only the provider is named. */
  readonly defaultModels: ReadonlyMap<string, string>;
  /** For calls that name a target and no route. */
  readonly translation: TranslationMode;
  /** Origins that may be called wherever they lead. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** Projects whose prompts and answers are logged. */
  readonly contentProjects: ReadonlySet<string>;
  readonly limits: Limits;
  readonly stream: StreamSettings;
  readonly routing: RoutingSettings;
}

/** Bounds on what one request, and all of them together, may take. */
export interface Limits {
  readonly bodyBytes: number;
  readonly requestBodyMs: number;
  readonly answerBytes: number;
  readonly maxInFlight: number;
}

/** How streams are kept alive. */
export interface StreamSettings {
  /** Silence after which a comment is sent, in milliseconds; 0 for never. */
  readonly keepAliveMs: number;
}
