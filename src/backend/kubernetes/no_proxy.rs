//! Whether a proxy stands between us and the API server. It must not read the environment: values come in as text.
//!
//! kube compares `NO_PROXY` with the proxy's own address (so that it has no effect), and refuses an empty element. The rules
//! here are those of Go's `httpproxy`, so that netcheck goes the way that kubectl goes.

use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;

/// The proxy of the environment for that API server, if one applies: `HTTPS_PROXY` for https, except for loopback and for
/// what `NO_PROXY` names.
pub(super) fn proxy_for(server: &Uri, https_proxy: Option<&str>, no_proxy: Option<&str>) -> Option<String> {
    let proxy = https_proxy.map(str::trim).filter(|proxy| !proxy.is_empty())?;
    let host = server.host()?.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
    let port = server.port_u16().unwrap_or(443);
    let address: Option<IpAddr> = host.parse().ok();
    let loopback = host == "localhost" || address.is_some_and(|address| address.is_loopback());
    if server.scheme_str() != Some("https") || loopback {
        return None;
    }
    let target = Target { host, port, address };
    let excepted = no_proxy.unwrap_or_default().split(',').any(|element| target.is_named_by(element));
    if excepted { None } else { Some(with_scheme(proxy)) }
}

fn with_scheme(proxy: &str) -> String {
    if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") }
}

struct Target {
    host: String,
    port: u16,
    address: Option<IpAddr>,
}

impl Target {
    fn is_named_by(&self, element: &str) -> bool {
        let element = element.trim().to_ascii_lowercase();
        if element.is_empty() {
            return false;
        }
        if element == "*" {
            return true;
        }
        if let Ok(network) = element.parse::<IpNet>() {
            return self.address.is_some_and(|address| network.contains(&address));
        }
        let (name, port) = split_port(&element);
        port.is_none_or(|port| port == self.port) && self.has_name(name)
    }

    fn has_name(&self, name: &str) -> bool {
        if let Ok(address) = name.parse::<IpAddr>() {
            return self.address == Some(address);
        }
        let name = name.strip_prefix('*').unwrap_or(name);
        match name.strip_prefix('.') {
            Some("") => false,
            Some(_) => self.host.ends_with(name),
            None => self.host == name || self.host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
        }
    }
}

fn split_port(element: &str) -> (&str, Option<u16>) {
    if element.parse::<IpAddr>().is_ok() {
        return (element, None); // the colons of IPv6 are no port's
    }
    let (name, port) = match element.rsplit_once(':') {
        Some((name, port)) => (name, port.parse().ok()),
        None => (element, None),
    };
    let name = if port.is_some() { name } else { element };
    (name.trim_matches(['[', ']']), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(no_proxy: &str, server: &str, proxied: bool) {
        let found = proxy_for(&server.parse().unwrap(), Some("proxy.example:3128"), Some(no_proxy));
        let wanted = proxied.then(|| "http://proxy.example:3128".to_owned());
        assert_eq!(found, wanted, "NO_PROXY={no_proxy} for {server}");
    }

    #[test]
    fn no_proxy_is_compared_with_the_api_server() {
        for (no_proxy, server, proxied) in [
            ("", "https://api.example.com:6443", true),
            ("api.example.com", "https://api.example.com:6443", false),
            ("API.Example.com", "https://api.example.com", false),
            ("example.com", "https://api.example.com:6443", false),
            ("ample.com", "https://api.example.com:6443", true),
            (".example.com", "https://api.example.com:6443", false),
            (".example.com", "https://example.com:6443", true),
            ("*.example.com", "https://api.example.com:6443", false),
            ("proxy.example", "https://api.example.com:6443", true),
            ("10.0.0.0/8", "https://10.1.2.3:6443", false),
            ("10.0.0.0/8", "https://11.1.2.3:6443", true),
            ("10.0.0.0/8", "https://api.example.com", true),
            ("10.1.2.3", "https://10.1.2.3:6443", false),
            ("fd30::/16", "https://[fd30::2]:6443", false),
            ("fd30::2", "https://[fd30::2]:6443", false),
            ("[fd30::2]:6443", "https://[fd30::2]:6443", false),
            ("fd30::3", "https://[fd30::2]:6443", true),
            ("*", "https://api.example.com:6443", false),
            ("api.example.com:6443", "https://api.example.com:6443", false),
            ("api.example.com:443", "https://api.example.com:6443", true),
            ("api.example.com:443", "https://api.example.com", false),
            ("example.org,api.example.com,", "https://api.example.com:6443", false),
            (" example.org , .example.com ,, ", "https://api.example.com:6443", false),
            (",", "https://api.example.com:6443", true),
            ("no/host,%%%,.,*.", "https://api.example.com:6443", true),
        ] {
            check(no_proxy, server, proxied);
        }
    }

    #[test]
    fn loopback_and_plain_http_are_never_proxied() {
        for server in ["https://127.0.0.1:6443", "https://[::1]:6443", "https://localhost:6443", "http://api.example.com:8080"] {
            check("", server, false);
        }
    }

    #[test]
    fn without_a_proxy_there_is_none() {
        let server = "https://api.example.com".parse().unwrap();
        assert_eq!(proxy_for(&server, None, None), None);
        assert_eq!(proxy_for(&server, Some(" "), None), None);
        assert_eq!(proxy_for(&server, Some("socks5://p:1"), None).as_deref(), Some("socks5://p:1"));
    }
}
