/** What `cargo xtask` tells the end-to-end tests by the environment. */

/** A variable that has to be there; the error says who sets it. */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new Error(`${name} is not set: run this by \`cargo xtask test e2e\` or \`cargo xtask demo --check\``);
  }
  return value;
}
