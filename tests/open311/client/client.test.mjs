// The npm package open311, as it is, against gridpost-web: in JSON, and in XML, which it takes apart itself.
// GP_DISCOVERY, GP_KEY and GP_GRID come from tests/web/open311_client.py.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

const Open311 = createRequire(import.meta.url)("open311");
const { GP_DISCOVERY, GP_KEY, GP_GRID } = process.env;

// Its methods as promises. It tells of a mistake by the first argument, of what that was by the second.
function call(client, method, ...args) {
  return new Promise((resolve, reject) => {
    client[method](...args, (error, value) => (error ? reject(new Error(value)) : resolve(value)));
  });
}

async function found(format) {
  const client = new Open311({
    discovery: `${GP_DISCOVERY}.${format}`,
    jurisdiction: "tongguan",
    apiKey: GP_KEY,
  });
  const what = await call(client, "serviceDiscovery", { cache: true });
  assert.match(client.endpoint, /\/open311\/v2\/$/);
  client.format = format; // it takes JSON wherever there is any
  return { client, what };
}

for (const format of ["json", "xml"]) {
  test(`discovery, in ${format}`, async () => {
    const { what } = await found(format);
    assert.equal(String(what.contact), "12345");
    assert.equal(what.endpoints[0].specification, "http://wiki.open311.org/GeoReport_v2");
    assert.equal(what.endpoints[0].type, "production");
  });

  test(`services and a definition, in ${format}`, async () => {
    const { client } = await found(format);
    const services = await call(client, "serviceList");
    const manhole = services.find((service) => service.service_code === "c");
    assert.equal(manhole.metadata, true);
    assert.equal(manhole.type, "realtime");
    assert.ok(!services.some((service) => service.service_code === "p4"), "a private one is shown");
    const definition = await call(client, "serviceDefinition", "c");
    assert.equal(definition.service_code, "c");
    assert.equal(definition.attributes[0].code, "condition");
    assert.deepEqual(
      definition.attributes[0].values.map((value) => value.key),
      ["broken", "missing"],
    );
    await assert.rejects(call(client, "serviceDefinition", "p4"), /404/);
  });

  test(`a report is taken and found again, in ${format}`, async () => {
    const { client } = await found(format);
    const [taken] = await call(client, "submitRequest", {
      service_code: "c",
      attributes: { condition: "missing" },
      address_id: GP_GRID,
      lat: 30.95,
      long: 117.81,
      description: "井盖没了 & <当心>",
      email: "me@x.example",
    });
    const id = String(taken.service_request_id);
    assert.match(id, /^[1-9]\d*$/);
    const [one] = await call(client, "serviceRequest", id);
    assert.equal(String(one.service_request_id), id);
    assert.equal(one.status, "open");
    assert.equal(one.service_code, "c");
    assert.equal(one.description, "井盖没了 & <当心>");
    assert.ok(Math.abs(one.lat - 30.95) < 1e-6 && Math.abs(one.long - 117.81) < 1e-6);
    assert.ok(one.expected_datetime - one.requested_datetime === 2 * 3600 * 1000, "two hours");
    const [token] = await call(client, "token", id);
    assert.equal(String(token.service_request_id), id);
    const [other] = await call(client, "submitRequest", { service_code: "n4", address_id: GP_GRID });
    const both = await call(client, "serviceRequests", [id, other.service_request_id]);
    assert.deepEqual(both.map((row) => String(row.service_request_id)).sort(), [id, String(other.service_request_id)].sort());
    const many = await call(client, "serviceRequests", { service_code: "c", status: "open", page_size: 50 });
    assert.ok(many.some((row) => String(row.service_request_id) === id));
    assert.ok(many.every((row) => row.service_code === "c"));
  });

  test(`what is refused is told, in ${format}`, async () => {
    const { client } = await found(format);
    await assert.rejects(call(client, "submitRequest", { service_code: "p4", address_id: GP_GRID }), /404/);
    await assert.rejects(call(client, "submitRequest", { service_code: "c", address_id: GP_GRID }), /400.*attribute\[condition\]/s);
    await assert.rejects(call(client, "serviceRequest", "999999"), /404/);
    client.apiKey = "0".repeat(64);
    await assert.rejects(call(client, "submitRequest", { service_code: "n4", address_id: GP_GRID }), /403/);
    client.jurisdiction = "elsewhere";
    await assert.rejects(call(client, "serviceList"), /404/);
  });
}
