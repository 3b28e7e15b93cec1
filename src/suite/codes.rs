//! The stable codes of remarks about suites and worlds, each with what it means. A code is never given a second meaning.
//!
//! What there is to say at length stands in `explanations/NCxxxx.md`; a code without that file does not compile, and a test reads
//! its examples.

use crate::model::explanation::{Explanation, explanations};

explanations! {
    pub(crate)
    NOT_TEXT = "NC1001" "The file cannot be read, or it is empty, or it is not text in UTF-8."
    NOT_YAML = "NC1002" "The file is not well-formed YAML, or it is YAML that a suite has no use for."
    UNCLOSED = "NC1003" "An expression begins with `${{` and never ends: `}}` is missing, or YAML cut the text at ` #`."
    TOO_BIG = "NC1004" "The file is larger, deeper nested or wider expanded than any suite needs to be."
    UNKNOWN_KEY = "NC1005" "The language has no such key at this place."
    NOT_YET = "NC1006" "The language has it, but this version does not carry it out."
    UNKNOWN_VARIABLE = "NC1007" "An expression uses a name that is not known at this place."
    WRONG_VALUE = "NC1008" "A value is not of the kind, or not in the range, that its key wants."
    MISSING_KEY = "NC1009" "A key that has to be there is not."
    DUPLICATE_KEY = "NC1010" "A map has the same key twice."
    DUPLICATE_ID = "NC1011" "Two tests, or two cases, have the same id, or two nodes of a world the same name."
    BARE_BRACES = "NC1012" "An expression is written `{{ }}`; it should be `${{ }}`."
    BAD_EXPRESSION = "NC1013" "An expression cannot be read, or uses what expressions may not use."
    NO_RESULT = "NC1014" "An expression could be read, but gives no usable value."
    BAD_NAME = "NC1015" "An id, a tag, a label or the name of a variable has characters that it may not have."
    SET_UNKNOWN = "NC1016" "A variable is given a value, by a flag or a file, that no suite declares."
    SET_WRONG = "NC1017" "A variable is given a value that does not fit its type, or is none of its choices."
    BAD_MATRIX = "NC1018" "A matrix has an axis without values, a label twice, or an axis that collides with another key of the case."
    TOO_MANY_CASES = "NC1019" "The suite expands to more cases than allowed."
    PART = "NC1020" "The file is a part for other suites to include; it cannot be run alone."
    SEVERAL_DOCUMENTS = "NC1021" "The file holds several YAML documents; a suite is a file of its own."
    NEVER_JUDGED = "NC1022" "What is wanted of a pair could never be judged: it gives fewer samples than that takes."
    NEVER_MET = "NC1023" "A bound that no measurement can meet."
    NOT_CONSTANT = "NC1024" "An expression stands where the value has to be known without one."
    EXPECTS_NOTHING = "NC1025" "An `expect` without a bound that could be missed."
    EXCLUSIVE = "NC1026" "Keys stand together of which there can only be one."
    VALUE_MISSING = "NC1031" "A variable that is not optional has no default, and nobody gave it a value."
    BAD_COMBINATION = "NC1040" "A matrix includes or excludes a combination that names no axis, is there already, or is not there at all."
    UNKNOWN_TEST = "NC1041" "A test needs one that its suite does not have."
    NEEDS_CIRCLE = "NC1042" "Tests need each other in a circle."
    NOT_INCLUDED = "NC1050" "A part cannot be included: it cannot be read, or it is no part."
    CYCLE = "NC1051" "A part includes itself, directly or by way of others."
    CLASH = "NC1052" "Two parts give the same variable, the same query or the same default, and the suite itself does not."
    NOTHING_TO_REPEAT = "NC1053" "A `forEach` goes over a list without items, or over no list at all."
    NODE_MISSING = "NC1060" "A query names a node that does not take part."
    SERVICE_MISSING = "NC1061" "A query names a Service that is not there."
    WHICH_PORT = "NC1062" "A query for endpoints names a port that its Service does not have, or leaves open which one is meant."
    NO_SERVICES = "NC1063" "A query for Services or their endpoints, where nobody has looked at Services, or where there can be none."
    TO_OF_DNS = "NC1064" "A test of dns has a `to`, though who is asked is a server of DNS."
    DNS_KEYS = "NC1065" "Keys of a probe of dns stand beside another type, or contradict each other."
    METRIC_OF_DNS = "NC1066" "An `expect` is about answers of dns, and the probe asks something else."
    PROBE_KEY = "NC1067" "A key or a bound that the probe does not have, and that would have no effect."
    AGENTS_WITHOUT_TLS = "NC1068" "Agents are asked by tls, and have no certificates."
    UNTRUSTED = "NC1069" "Nothing says whose the certificates of a server have to be, or two things contradict each other."
    RESCUES_NOTHING = "NC1070" "A `retry` where nothing is asked once, so that no further attempt could rescue anything."
    BAD_CA = "NC1071" "A file of certificates to trust cannot be used."
    SECRET_PLACE = "NC1072" "A secret stands where it would be shown, or is not used as it is."
    NO_SECRETS = "NC1073" "An expression uses a secret where none is known."
    FACT_MISSING = "NC1074" "An expression uses a fact of the cluster that is not there, or that nobody knows."
    NO_SIZE = "NC1075" "The search after the largest packet of a path has no size to try: its floor is above its ceiling."
    OTHER_PROBE = "NC1076" "A key or a metric that the probe does not have."
    NO_RESPONDER = "NC1077" "The search after the largest packet of a path is carried by what its target does not answer: UDP is for agents, TCP for everybody else."
    UNTRIED = "NC1078" "A bound on the largest packet of a path would be decided by sizes that the probe does not try."
    HOST_PORT = "NC1080" "The port of a host or of nodes does not go with the probe: icmp has none, and all others need one of a host."
    OTHER_FAMILY = "NC1081" "The address of a host is of another family than the probe's."
    SERVICE_PROBE = "NC1082" "A Service is asked by a probe that has no ports, or as a whole where only each of its endpoints can be."
    FIXTURE_UNKNOWN = "NC1083" "A test asks a fixture that its suite does not have."
    FIXTURE_LACKS = "NC1084" "A test asks a fixture in a way or by a protocol that it does not have."
    FAMILY_UNASKED = "NC1085" "A family is expected that no test of the suite asks for."
    BACKENDS_OF_OTHERS = "NC1086" "`backends` is expected of answers that do not say who they are from."
    AUTO_FOR_NOTHING = "NC1087" "`count: auto` where nothing says how many questions it takes."
    GATEWAY_PROBE = "NC1090" "A gateway is asked by a probe that routers do not answer."
    AND_MORE = "NC1099" "There are more remarks than are shown."
    COARSE = "NC1103" "The number of samples cannot resolve the bound."
    LOSS_UNJUDGED = "NC1104" "No bound limits the loss, so lost packets do not fail the test."
    NEVER_MISSED = "NC1105" "A bound that no measurement can miss."
    NEVER_IN_TIME = "NC1106" "A case or a suite cannot be over before its deadline: asking alone takes longer."
    UNUSED_AXIS = "NC1107" "Nothing in the test uses an axis of its matrix or an item of its `forEach`."
    UNUSED_NAME = "NC1108" "Nothing uses a variable, a query or a secret that the suite declares."
    UNUSED_FIXTURE = "NC1109" "No test asks a fixture that the suite declares."
    WITHOUT_ZONE = "NC1110" "Some nodes are in no zone, so they are not in what a query for zones finds."
    NUMBERED = "NC1111" "Cases of a `forEach` are called by the number of their item, which another list gives to another one."
    ENVIRONMENT_UNKNOWN = "NC1131" "The environment has a value for a variable that no suite declares."
    NOT_IN_WORLD = "NC1201" "A world file names a node or a zone that its world does not have."
    NO_EFFECT = "NC1202" "Something in a world file could never have an effect in its world."
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_are_in_order_and_each_is_there_once() {
        assert!(ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
    }
}
