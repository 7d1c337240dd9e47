import type { Dialect } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { Settings } from "../configuration/load-settings.ts";
import { compileCatalog, providersByModel } from "./catalog.ts";
import { compileDefaultModel, compileDefaultModels } from "./default-models.ts";
import type { ModelsOf } from "./known-model.ts";
import { compileRoutes } from "./routes.ts";
import { compileRouting } from "./routing.ts";
import { compileUpstream } from "./upstream.ts";

/** What a snapshot is compiled from. */
export interface CompileRequest {
  readonly settings: Settings;
  readonly dialects: ReadonlyMap<DialectId, Dialect>;
  readonly modelsOf: ModelsOf;
}

/** Compiles the settings once, so that no request has to. They have been judged: this can't fail for what is written. */
export function compileSnapshot({ settings, dialects, modelsOf }: CompileRequest): Snapshot {
  const { configuration, providers } = settings;
  const allowedOrigins = new Set(configuration.egress.allow);
  const catalog = compileCatalog(providers, modelsOf);
  const context = { timeouts: configuration.timeouts, allowedOrigins, catalog };
  const upstreams = new Map(
    providers.map((provider) => [provider.id, compileUpstream(provider, context, dialects)]),
  );
  const defaultModels = compileDefaultModels(providers);
  const defaultModel = compileDefaultModel(configuration.default_model, providers, defaultModels);
  return Object.freeze({
    upstreams,
    routes: compileRoutes(configuration.routes, upstreams),
    catalog,
    providersByModel: providersByModel(catalog),
    ...(defaultModel === undefined ? {} : { defaultModel }),
    defaultModels,
    translation: configuration.translation,
    allowedOrigins,
    contentProjects: new Set(configuration.log.content_of_projects),
    limits: compileLimits(configuration.limits),
    stream: Object.freeze({ keepAliveMs: configuration.stream.keep_alive_ms }),
    routing: compileRouting(configuration.routing),
  });
}

function compileLimits(limits: Settings["configuration"]["limits"]): Snapshot["limits"] {
  return Object.freeze({
    bodyBytes: limits.body_bytes,
    requestBodyMs: limits.request_body_ms,
    answerBytes: limits.answer_bytes,
    maxInFlight: limits.max_in_flight,
  });
}
