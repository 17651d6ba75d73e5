// Waiting for what must come, and how much slower than a quiet machine this one is.
import {cpus, loadavg} from 'node:os';

const UNTIL_MS = 30000;
const STEP_MS = 50;

/** 1 on a quiet machine; as many times as there is more to run than cores, and what CTest allows a sanitizer. */
export function patience() {
  return Math.max(1, loadavg()[0] / cpus().length) * Number(process.env.GP_PATIENCE ?? 1);
}

/** Until check() gives true. */
export async function until(check) {
  const end = Date.now() + UNTIL_MS * patience();
  while (!(await check())) {
    if (Date.now() > end)
      throw new Error(`did not come true: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
