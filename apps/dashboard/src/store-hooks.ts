import { Hooks } from '@bbb-activity/bbb/hooks';
import { readSettings } from '@bbb-activity/config/read-settings';
import { readTenants } from '@bbb-activity/config/tenants';
import type { Environment } from '@bbb-activity/config/variables';
import type { Store } from '@bbb-activity/store/client';
import { HookLedger } from '@bbb-activity/store/hook-ledger';

/** The hooks of the access URLs that the environment tells, written down in the store. @throws ConfigError */
export function storeHooks(environment: Environment, store: Store): Hooks {
  const { PUBLIC_URL } = readSettings(environment, ['PUBLIC_URL']);
  return new Hooks({ tenants: readTenants(environment).all, publicUrl: PUBLIC_URL ?? null, ledger: new HookLedger(store) });
}
