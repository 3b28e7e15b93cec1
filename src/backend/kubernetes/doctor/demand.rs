//! What pods ask of nodes and quotas, added up. Pure.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, Pod};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::quantity::Amount;

/// Amounts by resource: `pods`, `cpu`, `memory`, … Limits are called `limits.cpu`, as quotas call them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Demand(pub(super) BTreeMap<String, Amount>);

impl Demand {
    /// Of one pod: the sum of its containers. What init containers or an overhead ask for beyond that is not counted, so that
    /// whoever has no room for this has none at all.
    pub(super) fn of(pod: &Pod) -> Self {
        let mut demand = Self::default();
        demand.add("pods", Amount::count(1));
        for container in pod.spec.iter().flat_map(|spec| &spec.containers) {
            demand.container(container);
        }
        demand
    }

    fn container(&mut self, container: &Container) {
        let Some(resources) = &container.resources else { return };
        for (name, quantity) in resources.requests.iter().flatten() {
            self.quantity(name, quantity);
        }
        for (name, quantity) in resources.limits.iter().flatten() {
            self.quantity(&format!("limits.{name}"), quantity);
        }
    }

    fn quantity(&mut self, name: &str, quantity: &Quantity) {
        if let Some(amount) = Amount::read(&quantity.0) {
            self.add(name, amount);
        }
    }

    fn add(&mut self, name: &str, amount: Amount) {
        let sum = self.0.entry(name.to_owned()).or_default();
        *sum = sum.plus(amount);
    }

    /// Both together.
    pub(super) fn join(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            self.add(name, *amount);
        }
    }

    /// So many times.
    pub(super) fn times(&self, count: usize) -> Self {
        Self(self.0.iter().map(|(name, amount)| (name.clone(), amount.times(count))).collect())
    }

    /// Of one resource.
    pub(super) fn get(&self, name: &str) -> Option<Amount> {
        self.0.get(name).copied()
    }
}

/// An amount of that resource, for people.
pub(super) fn words(resource: &str, amount: Amount) -> String {
    match resource.trim_start_matches("limits.").trim_start_matches("requests.") {
        "cpu" => format!("{}m", amount.in_parts_of("1m")),
        "memory" => format!("{}Mi", amount.in_parts_of("1Mi")),
        _ => amount.in_parts_of("1").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn containers_are_added_up() {
        let resources = json!({ "requests": { "cpu": "20m", "memory": "24Mi" }, "limits": { "memory": "64Mi" } });
        let containers = json!([{ "name": "a", "resources": resources }, { "name": "b", "resources": resources }, { "name": "c" }]);
        let pod = serde_json::from_value(json!({ "metadata": {}, "spec": { "containers": containers } })).unwrap();
        let mut demand = Demand::of(&pod);
        demand.join(&Demand::of(&pod).times(2));
        let found: Vec<String> = demand.0.iter().map(|(name, amount)| format!("{name} {}", words(name, *amount))).collect();
        assert_eq!(found, ["cpu 120m", "limits.memory 384Mi", "memory 144Mi", "pods 3"]);
    }
}
