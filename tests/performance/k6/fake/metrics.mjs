export const added = {};
class Metric {
  constructor(name) {
    this.name = name;
    added[name] = [];
  }
  add(value, tags = {}) {
    added[this.name].push({ value, tags });
  }
}
export { Metric as Counter, Metric as Rate, Metric as Trend };
