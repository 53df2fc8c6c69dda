import { UserError } from './errors.ts';

/** Adds what `.env` in the working directory says to the environment, which wins; no such file is fine. */
export function loadEnvFile(): void {
  try {
    process.loadEnvFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new UserError(`The file .env cannot be read: ${(error as Error).message}`);
  }
}
