//! Keys of suites that take more than a body: a suite without each, and one with it.

pub(super) const SUITES: &[(&str, &str, &str)] = &[
    ("netcheck", "suite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]"),
    ("suite", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: u\ntests: [{ id: t, B }]"),
    ("title", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntitle: T\ntests: [{ id: t, B }]"),
    ("vars", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\nvars: { a: 1 }\ntests: [{ id: t, B }]"),
    (
        "vars.type",
        "netcheck: v1\nsuite: s\nvars: { a: { default: 5 } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: { type: size, default: 5 } }\ntests: [{ id: t, B }]",
    ),
    (
        "vars.default",
        "netcheck: v1\nsuite: s\nvars: { a: { type: int } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: { type: int, default: 5 } }\ntests: [{ id: t, B }]",
    ),
    (
        "vars.help",
        "netcheck: v1\nsuite: s\nvars: { a: { default: 5 } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: { default: 5, help: h } }\ntests: [{ id: t, B }]",
    ),
    (
        "vars.choices",
        "netcheck: v1\nsuite: s\nvars: { a: { default: 5 } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: { default: 5, choices: [6] } }\ntests: [{ id: t, B }]",
    ),
    (
        "vars.optional",
        "netcheck: v1\nsuite: s\nvars: { a: { type: int } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: { type: int, optional: true } }\ntests: [{ id: t, B }]",
    ),
    (
        "expectFamilies",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nexpectFamilies: [v6]\ntests: [{ id: t, B }]",
    ),
    (
        "defaults",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\ndefaults: { timeout: 3s }\ntests: [{ id: t, B }]",
    ),
    // What it brings is in the golden folders; here it brings nothing, and says so.
    ("include", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ninclude: [p.yaml]\ntests: [{ id: t, B }]"),
    ("tests", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }, { id: u, B }]"),
    ("tests.id", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntests: [{ id: u, B }]"),
    ("tests.tags", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntests: [{ id: t, B, tags: [a] }]"),
    (
        "tests.matrix.include",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, matrix: { a: [x, y] } }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, matrix: { a: [x, y], include: [{ a: z }] } }]",
    ),
    (
        "tests.matrix.exclude",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, matrix: { a: [x, y] } }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, matrix: { a: [x, y], exclude: [{ a: y }] } }]",
    ),
    (
        "tests.skipIf",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, skipIf: [{ if: true, because: r }] }]",
    ),
    (
        "tests.skipIf.if",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, skipIf: [{ if: false, because: r }] }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, skipIf: [{ if: true, because: r }] }]",
    ),
    (
        "tests.skipIf.because",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, skipIf: [{ if: true, because: r }] }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, skipIf: [{ if: true, because: q }] }]",
    ),
    (
        "tests.needs",
        "netcheck: v1\nsuite: s\ntests: [{ id: u, B }, { id: t, B }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: u, B }, { id: t, B, needs: [u] }]",
    ),
    (
        "discover",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, forEach: { n: '${{ discover.a }}' } }]",
        "netcheck: v1\nsuite: s\ndiscover: { a: { nodes: {} } }\ntests: [{ id: t, B, forEach: { n: '${{ discover.a }}' } }]",
    ),
    ("discover.nodes", "discover: { a: {} }\nEACH", "discover: { a: { nodes: {} } }\nEACH"),
    ("discover.nodes.selector", "discover: { a: { nodes: {} } }\nEACH", "discover: { a: { nodes: { selector: p=x } } }\nEACH"),
    ("discover.nodes.names", "discover: { a: { nodes: {} } }\nEACH", "discover: { a: { nodes: { names: n1 } } }\nEACH"),
    ("discover.nodes.zone", "discover: { a: { nodes: {} } }\nEACH", "discover: { a: { nodes: { zone: z2 } } }\nEACH"),
    ("discover.nodes.distinct", "discover: { a: { nodes: {} } }\nEACH", "discover: { a: { nodes: { distinct: zone } } }\nEACH"),
    ("discover.services", "discover: { a: {} }\nEACH", "discover: { a: { services: { port: dns } } }\nEACH"),
    (
        "discover.services.selector",
        "discover: { a: { services: { port: 80 } } }\nEACH",
        "discover: { a: { services: { port: 80, selector: app=web } } }\nEACH",
    ),
    (
        "discover.services.name",
        "discover: { a: { services: { port: 80 } } }\nEACH",
        "discover: { a: { services: { port: 80, name: shop/web } } }\nEACH",
    ),
    (
        "discover.services.namespace",
        "discover: { a: { services: { protocol: TCP } } }\nEACH",
        "discover: { a: { services: { protocol: TCP, namespace: shop } } }\nEACH",
    ),
    (
        "discover.services.protocol",
        "discover: { a: { services: { port: 53 } } }\nEACH",
        "discover: { a: { services: { port: 53, protocol: UDP } } }\nEACH",
    ),
    (
        "discover.services.port",
        "discover: { a: { services: { protocol: TCP } } }\nEACH",
        "discover: { a: { services: { protocol: TCP, port: 80 } } }\nEACH",
    ),
    ("discover.endpoints", "discover: { a: {} }\nEACH", "discover: { a: { endpoints: { service: shop/web } } }\nEACH"),
    (
        "discover.endpoints.service",
        "discover: { a: { endpoints: { service: shop/web } } }\nEACH",
        "discover: { a: { endpoints: { service: shop/cart } } }\nEACH",
    ),
    (
        "discover.endpoints.port",
        "discover: { a: { endpoints: { service: dns/dns } } }\nEACH",
        "discover: { a: { endpoints: { service: dns/dns, port: dns } } }\nEACH",
    ),
    (
        "discover.endpoints.optional",
        "discover: { a: { endpoints: { service: shop/none } } }\nEACH",
        "discover: { a: { endpoints: { service: shop/none, optional: true } } }\nEACH",
    ),
    (
        "discover.endpoints.protocol",
        "discover: { a: { endpoints: { service: dns/dns, port: 53 } } }\nEACH",
        "discover: { a: { endpoints: { service: dns/dns, port: 53, protocol: UDP } } }\nEACH",
    ),
    (
        "secrets",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nsecrets: { a: { env: A } }\ntests: [{ id: t, B }]",
    ),
    (
        "secrets.env",
        "netcheck: v1\nsuite: s\nsecrets: { a: { file: A } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nsecrets: { a: { env: A } }\ntests: [{ id: t, B }]",
    ),
    (
        "secrets.file",
        "netcheck: v1\nsuite: s\nsecrets: { a: { env: A } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nsecrets: { a: { file: A } }\ntests: [{ id: t, B }]",
    ),
    (
        "secrets.k8s",
        "netcheck: v1\nsuite: s\nsecrets: { a: { k8s: n/s/k } }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nsecrets: { a: { k8s: n/s/l } }\ntests: [{ id: t, B }]",
    ),
    (
        "fixtures",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nfixtures: [{ echo: { name: a } }]\ntests: [{ id: t, B }]",
    ),
    (
        "fixtures.echo",
        "netcheck: v1\nsuite: s\nfixtures: [{}]\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nfixtures: [{ echo: { name: a } }]\ntests: [{ id: t, B }]",
    ),
    (
        "fixtures.echo.name",
        "netcheck: v1\nsuite: s\nfixtures: [{ echo: { name: b } }]\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nfixtures: [{ echo: { name: a } }]\ntests: [{ id: t, B }]",
    ),
    (
        "fixtures.echo.serve",
        "netcheck: v1\nsuite: s\nfixtures: [{ echo: { name: a } }]\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nfixtures: [{ echo: { name: a, serve: [tcp] } }]\ntests: [{ id: t, B }]",
    ),
    (
        "fixtures.echo.services",
        "netcheck: v1\nsuite: s\nfixtures: [{ echo: { name: a } }]\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nfixtures: [{ echo: { name: a, services: [nodePort] } }]\ntests: [{ id: t, B }]",
    ),
    (
        "agents",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nagents: { readyWithin: 5m }\ntests: [{ id: t, B }]",
    ),
    (
        "agents.readyWithin",
        "netcheck: v1\nsuite: s\nagents: {}\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nagents: { readyWithin: 5m }\ntests: [{ id: t, B }]",
    ),
    (
        "agents.tolerations",
        "netcheck: v1\nsuite: s\nagents: {}\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nagents: { tolerations: [gpu] }\ntests: [{ id: t, B }]",
    ),
    (
        "agents.icmp",
        "netcheck: v1\nsuite: s\nagents: {}\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nagents: { icmp: raw }\ntests: [{ id: t, B }]",
    ),
    ("deadline", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ndeadline: 5m\ntests: [{ id: t, B }]"),
    ("tests.title", "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]", "netcheck: v1\nsuite: s\ntests: [{ id: t, B, title: T }]"),
    (
        "tests.when",
        "netcheck: v1\nsuite: s\nvars: { a: false }\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\nvars: { a: false }\ntests: [{ id: t, B, when: vars.a }]",
    ),
    (
        "tests.forEach",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, forEach: { a: [x, y] } }]",
    ),
    (
        "tests.empty",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, forEach: { a: [] } }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, forEach: { a: [] }, empty: skip }]",
    ),
    (
        "tests.matrix",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B }]",
        "netcheck: v1\nsuite: s\ntests: [{ id: t, B, matrix: { a: [x, y] } }]",
    ),
];
