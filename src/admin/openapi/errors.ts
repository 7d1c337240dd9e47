import { z } from "zod";
import { ERRORS, type ErrorCode } from "../../model/error-table.ts";
import type { AdminResource } from "../resource.ts";

/** An error as every operation answers it. */
export const errorAnswer = z
  .strictObject({
    error: z.strictObject({
      code: z.string().describe("To match on: it is stable, the sentences are not"),
      message: z.string(),
      mend: z.string().describe("What to do about it"),
      field: z.string().optional().describe("The field at fault, as a path: policy.budgets[0].amount_usd"),
      request_id: z.string(),
    }),
  })
  .meta({ id: "Error" });

const ANYWHERE: readonly ErrorCode[] = [
  "invalid_request",
  "invalid_path",
  "missing_key",
  "invalid_key",
  "revoked_key",
  "expired_key",
  "wrong_kind_of_key",
  "untrusted_host",
  "origin_not_allowed",
  "internal",
];
const WITH_BODY: readonly ErrorCode[] = [
  "invalid_json",
  "request_timeout",
  "request_too_large",
  "unsupported_encoding",
];

/** Every error that an operation may answer with, by status. */
export function errorsByStatus(resource: AdminResource): ReadonlyMap<number, readonly ErrorCode[]> {
  const codes: readonly ErrorCode[] = [
    ...ANYWHERE,
    ...(resource.body === undefined ? [] : WITH_BODY),
    ...(resource.role === "viewer" ? [] : (["insufficient_role"] as const)),
    ...resource.errors,
  ];
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].sort((one, other) => one - other);
  return new Map(statuses.map((status) => [status, codes.filter((code) => ERRORS[code].status === status)]));
}
