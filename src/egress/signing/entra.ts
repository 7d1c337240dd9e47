import type { Authentication } from "../../model/provider.ts";
import type { SignersWay } from "../../model/snapshot.ts";
import { writtenReach } from "../guard/guard.ts";
import { AccessTokenSigner } from "./access-tokens.ts";
import type { SigningContext, SigningScheme } from "./signing-scheme.ts";
import { type AccessToken, requestToken, type TokenRequest } from "./token-request.ts";

type EntraAuthentication = Extract<Authentication, { scheme: "entra" }>;

const AUTHORITY = "https://login.microsoftonline.com";
const TENANT = /^[A-Za-z0-9.-]{1,128}$/;

/**
 * Access tokens of Microsoft Entra for an application
 * (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow).
 */
export const entra: SigningScheme<EntraAuthentication> = Object.freeze({
  fields: Object.freeze({
    tenant_id: {
      description: "Directory (tenant) id of the application in Microsoft Entra",
      variables: ["AZURE_TENANT_ID"],
      fault: (value: string) => (TENANT.test(value) ? undefined : "must be a tenant's id or domain"),
    },
    client_id: { description: "Application (client) id in Microsoft Entra", variables: ["AZURE_CLIENT_ID"] },
    client_secret: { description: "Secret of that application", variables: ["AZURE_CLIENT_SECRET"] },
    authority: {
      description: "Address of Microsoft Entra, for a national cloud",
      variables: ["AZURE_AUTHORITY_HOST"],
      addressIn: (value: string) => value,
      fault: (value: string) => (isAuthority(value) ? undefined : "must be an https address"),
    },
  }),
  ways: [{ needs: ["tenant_id", "client_id", "client_secret"], takes: ["authority"] }],
  options: [],
  open: (context: SigningContext<EntraAuthentication>) =>
    new AccessTokenSigner((send) => fetchToken(context, send)),
});

function fetchToken(
  { provider, authentication, credentials, allowedOrigins, proxy }: SigningContext<EntraAuthentication>,
  send: SignersWay,
): Promise<AccessToken> {
  const authority = (credentials["authority"] ?? AUTHORITY).replace(/\/+$/, "");
  const url = `${authority}/${credentials["tenant_id"]}/oauth2/v2.0/token`;
  const request: TokenRequest = {
    provider,
    setting: "credentials",
    url,
    reach: writtenReach(url, allowedOrigins),
    form: {
      grant_type: "client_credentials",
      client_id: credentials["client_id"] ?? "",
      client_secret: credentials["client_secret"] ?? "",
      scope: authentication.scope,
    },
    ...(proxy === undefined ? {} : { proxy }),
  };
  return requestToken(request, send);
}

/** The secret travels there, so only encrypted, or not beyond this machine. */
function isAuthority(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === "https:" || hostname === "127.0.0.1" || hostname === "localhost";
}
