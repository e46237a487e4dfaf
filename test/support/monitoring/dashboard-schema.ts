/**
 * What Grafana takes as a dashboard, as far as ours goes (schemaVersion 39, Grafana 10.4 and later read it): a JSON Schema of our own, since Grafana
 * publishes none that fits a file of this form. It names every field, so that one that is misspelled is found.
 */
const text = { type: 'string', minLength: 1 };
const wholeNumber = { type: 'integer', minimum: 0 };

const datasource = {
  type: 'object',
  required: ['type', 'uid'],
  additionalProperties: false,
  properties: { type: { const: 'prometheus' }, uid: { type: 'string', pattern: '^\\$\\{datasource\\}$' } },
};

const gridPos = {
  type: 'object',
  required: ['h', 'w', 'x', 'y'],
  additionalProperties: false,
  properties: {
    h: { type: 'integer', minimum: 1 },
    w: { type: 'integer', minimum: 1, maximum: 24 },
    x: { type: 'integer', minimum: 0, maximum: 23 },
    y: wholeNumber,
  },
};

const target = {
  type: 'object',
  required: ['refId', 'datasource', 'expr', 'legendFormat', 'instant', 'range'],
  additionalProperties: false,
  properties: {
    refId: { type: 'string', pattern: '^[A-Z]$' },
    datasource,
    expr: text,
    legendFormat: text,
    instant: { type: 'boolean' },
    range: { type: 'boolean' },
  },
};

const thresholds = {
  type: 'object',
  required: ['mode', 'steps'],
  additionalProperties: false,
  properties: {
    mode: { enum: ['absolute', 'percentage'] },
    steps: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['color', 'value'],
        additionalProperties: false,
        properties: { color: text, value: { type: ['number', 'null'] } },
      },
    },
  },
};

const fieldConfig = {
  type: 'object',
  required: ['defaults', 'overrides'],
  additionalProperties: false,
  properties: {
    defaults: {
      type: 'object',
      required: ['unit'],
      additionalProperties: false,
      properties: {
        unit: { enum: ['short', 's', 'bytes', 'reqps', 'percentunit'] },
        min: { type: 'number' },
        thresholds,
        custom: {
          type: 'object',
          additionalProperties: false,
          properties: {
            drawStyle: { enum: ['line', 'bars', 'points'] },
            lineWidth: wholeNumber,
            fillOpacity: { type: 'integer', minimum: 0, maximum: 100 },
            stacking: {
              type: 'object',
              additionalProperties: false,
              properties: { mode: { enum: ['none', 'normal', 'percent'] }, group: text },
            },
          },
        },
      },
    },
    overrides: { type: 'array', maxItems: 0 },
  },
};

const common = { id: { type: 'integer', minimum: 1 }, title: text, gridPos };
const shown = { ...common, description: text, datasource, fieldConfig, targets: { type: 'array', minItems: 1, items: target } };

const panel = {
  oneOf: [
    {
      type: 'object',
      required: ['id', 'type', 'title', 'collapsed', 'gridPos', 'panels'],
      additionalProperties: false,
      properties: { ...common, type: { const: 'row' }, collapsed: { const: false }, panels: { type: 'array', maxItems: 0 } },
    },
    {
      type: 'object',
      required: ['id', 'type', 'title', 'gridPos', 'datasource', 'fieldConfig', 'targets', 'options'],
      additionalProperties: false,
      properties: {
        ...shown,
        type: { const: 'stat' },
        options: {
          type: 'object',
          required: ['reduceOptions'],
          additionalProperties: false,
          properties: {
            reduceOptions: {
              type: 'object',
              required: ['calcs', 'fields', 'values'],
              additionalProperties: false,
              properties: {
                calcs: { type: 'array', items: { enum: ['lastNotNull', 'mean', 'max'] } },
                fields: { type: 'string' },
                values: { type: 'boolean' },
              },
            },
            colorMode: { enum: ['none', 'value', 'background'] },
            graphMode: { enum: ['none', 'line', 'area'] },
          },
        },
      },
    },
    {
      type: 'object',
      required: ['id', 'type', 'title', 'gridPos', 'datasource', 'fieldConfig', 'targets', 'options'],
      additionalProperties: false,
      properties: {
        ...shown,
        type: { const: 'timeseries' },
        options: {
          type: 'object',
          required: ['legend', 'tooltip'],
          additionalProperties: false,
          properties: {
            legend: {
              type: 'object',
              additionalProperties: false,
              properties: {
                displayMode: { enum: ['list', 'table', 'hidden'] },
                placement: { enum: ['bottom', 'right'] },
                showLegend: { type: 'boolean' },
              },
            },
            tooltip: {
              type: 'object',
              additionalProperties: false,
              properties: { mode: { enum: ['single', 'multi', 'none'] }, sort: { enum: ['none', 'asc', 'desc'] } },
            },
          },
        },
      },
    },
  ],
};

export const DASHBOARD_SCHEMA = {
  type: 'object',
  required: ['uid', 'title', 'schemaVersion', 'time', 'templating', 'panels'],
  additionalProperties: false,
  properties: {
    uid: { type: 'string', pattern: '^[a-zA-Z0-9_-]{1,40}$' },
    title: text,
    tags: { type: 'array', items: text },
    editable: { type: 'boolean' },
    schemaVersion: { const: 39 },
    version: { type: 'integer', minimum: 1 },
    refresh: { type: 'string', pattern: '^[0-9]+[smh]$' },
    graphTooltip: { enum: [0, 1, 2] },
    timezone: { enum: ['browser', 'utc'] },
    time: { type: 'object', required: ['from', 'to'], additionalProperties: false, properties: { from: text, to: text } },
    templating: {
      type: 'object',
      required: ['list'],
      additionalProperties: false,
      properties: {
        list: {
          type: 'array',
          minItems: 1,
          maxItems: 1,
          items: {
            type: 'object',
            required: ['name', 'type', 'query'],
            properties: { name: { const: 'datasource' }, type: { const: 'datasource' }, query: { const: 'prometheus' } },
          },
        },
      },
    },
    annotations: { type: 'object', required: ['list'], properties: { list: { type: 'array', maxItems: 0 } } },
    links: { type: 'array', maxItems: 0 },
    panels: { type: 'array', minItems: 1, items: panel },
  },
};
