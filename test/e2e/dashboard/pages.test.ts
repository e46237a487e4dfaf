import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { accessibilityTests } from './accessibility.js';
import { adminPageTests } from './admin-pages.js';
import { meetingPageTests } from './meeting-pages.js';
import { PagePlace } from './page-place.js';

describe('the web page', () => {
  let place: PagePlace;

  // One site and one browser for all: they cost more than the tests.
  beforeAll(async () => {
    place = await PagePlace.open();
  });
  afterEach(() => place.closeOthers());
  afterAll(() => place?.close());

  describe('of meetings', () => meetingPageTests(() => place));
  describe('of administrators', () => adminPageTests(() => place));
  describe('for everybody', () => accessibilityTests(() => place));
});
