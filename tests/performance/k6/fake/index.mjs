export const checks = [];
export function check(value, named, tags) {
  for (const [name, holds] of Object.entries(named)) checks.push({ name, holds: holds(value), tags });
}
