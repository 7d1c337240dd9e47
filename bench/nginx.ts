/** nginx in its two parts: the fast upstream with one fixed answer, and the bare reverse proxy to compare with. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Launched, launch, waitForPort } from "./processes.ts";

/** Starts nginx with one worker and these lines in its http block, listening on the port. */
async function startNginx(options: {
  directory: string;
  name: string;
  port: number;
  core: number;
  http: string;
}): Promise<Launched> {
  const home = join(options.directory, options.name);
  mkdirSync(home, { recursive: true });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${home}/${kind};`)
    .join(" ");
  const settings = `daemon off; worker_processes 1; pid ${home}/pid; error_log ${home}/error.log;
${process.getuid?.() === 0 ? "user root root;" : ""}
events { worker_connections 16384; }
http { access_log off; ${temporary} client_max_body_size 64m; client_body_buffer_size 1m;
keepalive_requests 100000000; default_type application/json;
${options.http}
}`;
  writeFileSync(join(home, "nginx.conf"), settings);
  const command = ["nginx", "-e", `${home}/error.log`, "-c", join(home, "nginx.conf")];
  const child = launch({ command, core: options.core });
  await waitForPort(options.port, child);
  return child;
}

/**
 * An upstream that gives one fixed answer on every path. nginx would answer before the request's body is in, and a
 * long body would be overtaken, which no provider does; the mirror makes it read the body first, at a price.
 */
export function startFixedAnswer(options: {
  directory: string;
  port: number;
  core: number;
  answer: string;
  isBodyLong: boolean;
}): Promise<Launched> {
  const { answer } = options;
  const name = `answer-${options.port}`;
  const home = join(options.directory, name);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "answer.json"), answer);
  const afterBody = `open_file_cache max=10; root ${home};
location / { mirror /mirror; error_page 405 =200 /answer.json; try_files /answer.json =404; }
location = /answer.json { }
location = /mirror { internal; return 204; }`;
  const atOnce = `location / { return 200 '${answer}'; }`;
  const http = `server { listen 127.0.0.1:${options.port} backlog=4096; ${options.isBodyLong ? afterBody : atOnce} }`;
  return startNginx({ ...options, name, http });
}

/** A bare reverse proxy with kept-alive upstream connections. */
export function startReverseProxy(options: {
  directory: string;
  port: number;
  core: number;
  upstreamPort: number;
  isStreaming: boolean;
}): Promise<Launched> {
  const http = `upstream provider { server 127.0.0.1:${options.upstreamPort}; keepalive 512; keepalive_requests 100000000; }
server { listen 127.0.0.1:${options.port} backlog=4096; location / { proxy_pass http://provider;
proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering ${options.isStreaming ? "off" : "on"}; } }`;
  return startNginx({ ...options, name: `proxy-${options.port}`, http });
}
