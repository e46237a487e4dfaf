// Loaded before an app (node --import): its clock is CLOCK_OFFSET_MS off, as that of a machine whose time is not kept.
const offset = Number(process.env['CLOCK_OFFSET_MS']);
const TrueDate = Date;

globalThis.Date = class extends TrueDate {
  constructor(...args) {
    super(...(args.length === 0 ? [TrueDate.now() + offset] : args));
  }

  static now() {
    return TrueDate.now() + offset;
  }
};
