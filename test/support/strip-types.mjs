import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

/**
 * The jest transform: TypeScript to JavaScript by blanking the types, which is what Node itself does when it runs our
 * files. Positions stay as they are, so stack traces and coverage need no source map.
 */
export default {
  canInstrument: false,
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
  getCacheKey: (source, path, { instrument }) =>
    createHash('sha256').update(source).update(path).update(process.version).update(String(instrument)).digest('hex'),
};
