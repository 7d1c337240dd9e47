import type { Dialect, OperationPaths } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { Operation } from "../../model/operation.ts";
import type { Endpoint } from "../../model/provider.ts";
import type { Upstream, UpstreamEndpoint } from "../../model/snapshot.ts";
import type { ActiveProvider } from "../configuration/active-providers.ts";

const OPERATIONS = ["chat", "count-tokens", "embedding", "rerank"] as const satisfies readonly Operation[];

/** Every operation in every dialect that a provider offers, with its full address, in the order of preference. */
export function upstreamEndpoints(
  { endpoints, baseUrl }: ActiveProvider,
  dialects: ReadonlyMap<DialectId, Dialect>,
): readonly UpstreamEndpoint[] {
  const base = baseUrl.replace(/\/+$/, "");
  return endpoints.flatMap((endpoint) => {
    // A provider may be known to speak what nobody here does yet.
    const face = dialects.get(endpoint.dialect)?.upstream;
    if (face === undefined) return [];
    return OPERATIONS.flatMap((operation): UpstreamEndpoint[] => {
      const paths = pathsOf(endpoint, operation, face.operations[operation]?.paths);
      return paths === undefined ? [] : [compileEndpoint(endpoint, operation, base, paths)];
    });
  });
}

/** Where the provider's models are listed, in the first of its dialects that has a list. */
export function upstreamModelList(
  { endpoints, baseUrl }: ActiveProvider,
  dialects: ReadonlyMap<DialectId, Dialect>,
): Upstream["modelList"] {
  const base = baseUrl.replace(/\/+$/, "");
  for (const { dialect, modelList } of endpoints) {
    const usual = dialects.get(dialect)?.upstream?.modelList?.path;
    const path = modelList ?? usual;
    if (usual !== undefined && path !== undefined && path !== false)
      return Object.freeze({ url: base + path, dialect });
  }
  return undefined;
}

/** An endpoint's own paths go before the dialect's; a dialect without the operation has none to offer. */
function pathsOf(
  endpoint: Endpoint,
  operation: Operation,
  usual: OperationPaths | undefined,
): OperationPaths | undefined {
  const own = endpoint.paths?.[operation];
  return usual === undefined || own === false ? undefined : (own ?? usual);
}

function compileEndpoint(
  { dialect, models, exceptModels, adaptations }: Endpoint,
  operation: Operation,
  base: string,
  { whole, stream, single }: OperationPaths,
): UpstreamEndpoint {
  const adaptation = adaptations?.[operation];
  return Object.freeze({
    operation,
    dialect,
    url: base + whole,
    streamUrl: base + (stream ?? whole),
    ...(single === undefined ? {} : { singleUrl: base + single }),
    ...(models === undefined ? {} : { models }),
    ...(adaptation === undefined ? {} : { adaptation }),
    ...(exceptModels === undefined ? {} : { exceptModels }),
  });
}
