import { readSettings } from '@bbb-activity/config/read-settings';
import type { Environment } from '@bbb-activity/config/variables';
import { segmentNumbers } from '@bbb-activity/spool/segments';

/**
 * Does work on what is stored about somebody, and tells then, whether or not it failed, of a spool of an ingress on this machine (SPOOL_DIR) that held events
 * when it began: these were not looked into, so that the command exits with 1.
 */
export async function besideSpool(
  environment: Environment,
  tell: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  const { SPOOL_DIR } = readSettings(environment, ['SPOOL_DIR']);
  const isHeld = SPOOL_DIR !== undefined && (await segmentNumbers(SPOOL_DIR)).length > 0;
  try {
    await work();
  } finally {
    if (isHeld) {
      tell(
        `the spool ${SPOOL_DIR} holds events that are not in the queue yet and were not looked into; try again when ingress has handed them over`,
      );
      process.exitCode = 1;
    }
  }
}
