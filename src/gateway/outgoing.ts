import { editMembers } from "../dialects/json/edit-members.ts";
import { type ByteEdit, setNumber } from "../dialects/json/set-number.ts";
import { splice } from "../dialects/json/splice.ts";
import { type RequestBody, wholeBody } from "../egress/request-writer.ts";
import { type AnswerForm, type EncodedRequest, PLAIN_FORM } from "../model/dialect.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import type { Loss } from "../model/loss.ts";
import type { RequestAdaptation } from "../model/request-adaptation.ts";
import type { Target, TargetEndpoint, TranslationMode } from "../model/snapshot.ts";
import { withForwardedQuery } from "./forwarded-query.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { Junction } from "./junction.ts";

/** A request as it goes to a provider. */
export interface Outgoing {
  readonly url: string;
  /** Absent: POST. The others have an empty body. */
  readonly method?: "GET" | "DELETE";
  /** On top of the provider's own. */
  readonly headers: { readonly [name: string]: string };
  readonly body: RequestBody;
  readonly form: AnswerForm;
  readonly losses: readonly Loss[];
}

/** The headers of a request that adds none. */
export const NO_HEADERS: Outgoing["headers"] = Object.freeze({});
const NO_LOSSES: readonly Loss[] = [];
const NO_WARNINGS: readonly string[] = [];

/** What a call says of how it is to be sent. */
export interface SendingCall {
  readonly incoming: IncomingCall;
  readonly request: InferenceRequest;
  readonly translation: TranslationMode;
  /** The most tokens that an answer may have, where that is less than was asked for. */
  readonly outputBound: number | undefined;
}

/**
 * The client's own bytes where the dialect is the same, but for the model's name; else the request said again in the
 * provider's words. Throws `cannot_translate` where that loses something and the route is strict.
 */
export function outgoing(call: SendingCall, target: Target, junction: Junction): Outgoing {
  return adapted(outgoingAsIs(call, target, junction), junction.endpoint.adaptation);
}

function outgoingAsIs(call: SendingCall, target: Target, junction: Junction): Outgoing {
  const { incoming, request, translation, outputBound } = call;
  const { endpoint, isSameDialect, isPassthrough, upstream } = junction;
  const plainUrl = urlOf(endpoint, request, isPassthrough);
  const takesQuery = isSameDialect && endpoint.adaptation?.withoutQuery !== true;
  const url = takesQuery ? withQuery(plainUrl, incoming) : plainUrl;
  const forwarded = isSameDialect ? forwardedHeaders(incoming) : NO_HEADERS;
  if (isPassthrough && request.original !== undefined) {
    return {
      url,
      headers: addedTo(target.upstream.headers, forwarded),
      body: originalBody(request.original, call, target, junction),
      form: PLAIN_FORM,
      losses: NO_LOSSES,
    };
  }
  const asked = outputBound === undefined ? request : boundRequest(request, outputBound);
  const encoded = upstream.encodeRequest?.(asked, { model: target.model, quirks: target.quirks });
  if (encoded === undefined) throw new Error(`${endpoint.dialect} can't be translated to`);
  if (translation === "strict") refuseLosses(encoded, incoming, target);
  const headers = addedTo(target.upstream.headers, { ...encoded.headers, ...forwarded });
  return { ...encoded, url, headers };
}

/** What the endpoint needs beyond its dialect, done to a client's bytes and to a translated body alike. */
function adapted(outgoing: Outgoing, adaptation: RequestAdaptation | undefined): Outgoing {
  if (adaptation === undefined) return outgoing;
  const { removeMembers = [], setMembers = {}, removeHeaders = [] } = adaptation;
  const { body, headers } = outgoing;
  const kept = Object.entries(headers).filter(([name]) => !removeHeaders.includes(name.toLowerCase()));
  return {
    ...outgoing,
    headers: Object.fromEntries(kept),
    body: editMembers(wholeBody(body), { remove: removeMembers, set: setMembers }),
  };
}

function urlOf(
  { url, streamUrl, singleUrl }: TargetEndpoint,
  { stream, isSingle }: InferenceRequest,
  isPassthrough: boolean,
): string {
  if (stream) return streamUrl;
  // What is said again is said in the form that takes any number.
  return isSingle === true && isPassthrough ? (singleUrl ?? url) : url;
}

function originalBody(
  original: NonNullable<InferenceRequest["original"]>,
  { request, outputBound }: SendingCall,
  target: Target,
  { upstream }: Junction,
): RequestBody {
  const edits: ByteEdit[] = [];
  const isRenamed = request.model !== target.model;
  if (isRenamed && original.renamed !== undefined) return original.renamed(target.model);
  const { bytes, modelSpan, spanOf } = original;
  if (isRenamed && modelSpan !== undefined) edits.push({ ...modelSpan, text: JSON.stringify(target.model) });
  if (outputBound !== undefined) {
    for (const path of upstream.outputBounds?.(original, target.quirks) ?? [])
      edits.push(setNumber(bytes, spanOf, path, outputBound));
  }
  return edits.length === 0 ? bytes : splice(bytes, edits);
}

function boundRequest(request: InferenceRequest, outputBound: number): InferenceRequest {
  return {
    ...request,
    maxOutputTokens: outputBound,
    content: () => {
      const content = request.content();
      if (!("sampling" in content)) return content;
      return { ...content, sampling: { ...content.sampling, maxOutputTokens: outputBound } };
    },
  };
}

function forwardedHeaders({ inbound, headers }: IncomingCall): Outgoing["headers"] {
  let forwarded: Record<string, string> | undefined;
  for (const name of inbound.forwardedHeaders) {
    const value = headers.get(name);
    if (value !== null) forwarded = { ...forwarded, [name]: value };
  }
  return forwarded ?? NO_HEADERS;
}

/** What a request says otherwise than all to its provider do: mostly nothing, and its head is ready made then. */
function addedTo(usual: Outgoing["headers"], headers: Outgoing["headers"]): Outgoing["headers"] {
  if (headers === NO_HEADERS) return NO_HEADERS;
  const added = Object.entries(headers).filter(([name, value]) => usual[name] !== value);
  return added.length === 0 ? NO_HEADERS : Object.fromEntries(added);
}

function withQuery(url: string, incoming: IncomingCall): string {
  const { forwardedQuery } = incoming.inbound;
  return forwardedQuery.length === 0 ? url : withForwardedQuery(url, incoming.query(), forwardedQuery);
}

function refuseLosses({ losses }: EncodedRequest, { inbound }: IncomingCall, target: Target): void {
  const [first] = losses;
  if (first === undefined) return;
  const field = first.field ?? inbound.fields[first.feature] ?? first.feature;
  throw new GatewayError("cannot_translate", {
    message: `${target.upstream.provider} can't carry out \`${field}\` for "${target.model}", and this route is strict about it.`,
    mend: `Leave \`${field}\` out, or set the route's \`translation: warn\`, and it is carried out without.`,
    field,
  });
}

/** What was lost on the way to a target, for the header and the request's record. */
export function describeLosses(
  losses: readonly Loss[],
  { inbound }: IncomingCall,
  target: Target,
): readonly string[] {
  if (losses.length === 0) return NO_WARNINGS;
  return losses.map(({ feature, field, done }) => {
    const named = field ?? inbound.fields[feature] ?? feature;
    return `${named} (${target.upstream.provider}): ${done}`;
  });
}
