//! Who may do what on the scripted server: the rules of RBAC, as `netcheck rbac` writes them. It does no I/O.

use serde_json::Value;

/// A verb on a resource or on one object of that kind, everywhere or in one namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) verb: String,
    pub(crate) resource: String,
    /// None holds for all of them.
    pub(crate) name: Option<String>,
    /// None holds everywhere.
    pub(crate) namespace: Option<String>,
}

/// What a request asks to be allowed; the namespace is that of the request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Asked {
    pub(crate) verb: String,
    pub(crate) resource: String,
    /// Of the object that it is about, where rights are given on single ones.
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
}

/// Every rule of the roles in these YAML documents.
pub(crate) fn rules(yaml: &str) -> Vec<Rule> {
    let documents = yaml.split("---\n").skip(1).map(|document| serde_saphyr::from_str::<Value>(document).unwrap());
    documents.filter(|document| document["kind"].as_str().unwrap().ends_with("Role")).flat_map(|role| of_role(&role)).collect()
}

fn of_role(role: &Value) -> Vec<Rule> {
    let namespace = role["metadata"]["namespace"].as_str().map(str::to_owned);
    let words = |list: &Value| list.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let mut found = Vec::new();
    for rule in role["rules"].as_array().unwrap() {
        for (resource, verb) in words(&rule["resources"])
            .into_iter()
            .flat_map(|resource| words(&rule["verbs"]).into_iter().map(move |verb| (resource.clone(), verb)))
        {
            let name = rule["resourceNames"][0].as_str().map(str::to_owned);
            found.push(Rule { verb, resource, name, namespace: namespace.clone() });
        }
    }
    found
}

impl Asked {
    fn new(verb: &str, resource: &str, namespace: Option<&str>) -> Self {
        Self { verb: verb.to_owned(), resource: resource.to_owned(), name: None, namespace: namespace.map(str::to_owned) }
    }

    /// What a request needs, as the API server sees it; everybody may ask for the version, and who they are.
    pub(crate) fn of(method: &str, path: &str, query: &str) -> Vec<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let many = |method: &str| match method {
            "POST" => "create",
            "DELETE" => "deletecollection",
            _ if query.contains("watch=true") => "watch",
            _ => "list",
        };
        let one = |method: &str| if method == "DELETE" { "delete" } else { "get" };
        match parts.as_slice() {
            ["api", "v1", "namespaces", namespace] => vec![Self::new(one(method), "namespaces", Some(namespace))],

            ["apis", "discovery.k8s.io", "v1", "namespaces", namespace, resource] => {
                vec![Self::new(many(method), resource, Some(namespace))]
            }
            ["api", "v1", resource] | ["apis", "discovery.k8s.io", "v1", resource] => vec![Self::new(many(method), resource, None)],
            ["api", "v1", "namespaces", namespace, resource] => vec![Self::new(many(method), resource, Some(namespace))],
            ["api", "v1", "namespaces", namespace, "pods", _, "exec"] => {
                ["get", "create"].map(|verb| Self::new(verb, "pods/exec", Some(namespace))).into()
            }
            ["api", "v1", "namespaces", namespace, "pods", _, "log"] => vec![Self::new("get", "pods/log", Some(namespace))],
            ["api", "v1", "namespaces", namespace, "secrets", name] => {
                vec![Self { name: Some((*name).to_owned()), ..Self::new(one(method), "secrets", Some(namespace)) }]
            }
            ["api", "v1", "namespaces", namespace, resource, _] => vec![Self::new(one(method), resource, Some(namespace))],
            _ => Vec::new(),
        }
    }

    /// What an access review asks for.
    pub(crate) fn of_review(body: &Value) -> Self {
        let attributes = &body["spec"]["resourceAttributes"];
        let text = |key: &str| attributes[key].as_str().unwrap_or_default();
        let resource = if text("subresource").is_empty() {
            text("resource").to_owned()
        } else {
            format!("{}/{}", text("resource"), text("subresource"))
        };
        let name = attributes["name"].as_str().map(str::to_owned);
        Self { name, ..Self::new(text("verb"), &resource, attributes["namespace"].as_str()) }
    }

    /// Whether one of the rules allows it.
    pub(crate) fn allowed(&self, rules: &[Rule]) -> bool {
        rules.iter().any(|rule| {
            let place = rule.namespace.is_none() || rule.namespace == self.namespace;
            let object = rule.name.is_none() || rule.name == self.name;
            rule.verb == self.verb && rule.resource == self.resource && place && object
        })
    }

    /// As RBAC refuses it; asked about execs, Kubernetes 1.35 gives no reason for `create`.
    pub(crate) fn refusal(&self) -> String {
        match (self.verb.as_str(), self.resource.as_str()) {
            ("create", "pods/exec") => "pods \"a\" is forbidden: ".to_owned(),
            (verb, resource) => format!("{resource} is forbidden: User \"u\" cannot {verb} resource \"{resource}\" in API group \"\""),
        }
    }
}
