/**
 * Who runs this process, for the audit log: the user behind sudo, else the login name, else the user's number. It says
 * who it was among people who may all do everything; it proves nothing.
 */
export function systemUser(environment: { readonly [name: string]: string | undefined }): string {
  for (const variable of ["SUDO_USER", "USER", "LOGNAME"]) {
    const name = environment[variable]?.trim();
    if (name !== undefined && name !== "") return name.slice(0, 100);
  }
  return `uid ${process.getuid?.() ?? "unknown"}`;
}
