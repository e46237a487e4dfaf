import type { ComponentType } from 'react';
import { PersonPage, RoomPage } from '../pages/attendance/attendance-page.js';
import { HooksPage } from '../pages/hooks/hooks-page.js';
import { MeetingPage } from '../pages/meeting/meeting-page.js';
import { OverviewPage } from '../pages/overview/overview-page.js';
import { SystemPage } from '../pages/system/system-page.js';
import type { PlainWord } from '../words/catalogue.js';
import type { Right } from './session-context.js';

export interface Page {
  /** Its address below `<base href>`; the values of `:name` are given to the component. */
  readonly pattern: string;
  readonly component: ComponentType<{ readonly values: Readonly<Record<string, string>> }>;
  /** Who may see it; `meeting`: also who came by a link. */
  readonly right: Right | 'meeting';
  /** Its name in the navigation; without it, it is reached from other pages. */
  readonly nav?: PlainWord;
}

/** The pages, in the order of the navigation. The server must know their addresses too: `PAGES` of apps/dashboard/src/page-routes.ts. */
export const PAGES: readonly Page[] = [
  { pattern: '', component: OverviewPage, right: 'reader', nav: 'nav.overview' },
  { pattern: 'meetings/:id', component: MeetingPage, right: 'meeting' },
  { pattern: 'rooms/:accessUrlId/:remoteId', component: RoomPage, right: 'reader' },
  { pattern: 'people/:accessUrlId/:personKey', component: PersonPage, right: 'reader' },
  { pattern: 'hooks', component: HooksPage, right: 'overseer', nav: 'nav.hooks' },
  { pattern: 'system', component: SystemPage, right: 'overseer', nav: 'nav.system' },
];
