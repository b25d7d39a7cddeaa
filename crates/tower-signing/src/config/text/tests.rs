//! What the four formats have in common, and where they differ.

use std::fmt::Write as _;
use std::path::Path;

use super::position::{Position, Positions};
use super::*;

const FORMATS: [Format; 4] = [Format::Ini, Format::Toml, Format::Yaml, Format::Json];

/// Stands for a secret that no error may show.
const MARKER: &str = "hunter2hunter2";

/// One file in each format, with what a config file may hold.
const SAME: [(Format, &str); 4] = [
    (
        Format::Ini,
        "# rotated weekly\n[auth]\nMethod = aws-signature-v4\nSecretAccessKey = a\\b#c;d%e\"f'g=\n\n\
         [auth.payments]\nMatch = https://api.example/\nKeyId = 0123\nStrict = true\n\n[signing]\n",
    ),
    (
        Format::Toml,
        "# rotated weekly\n[auth]\nMethod = \"aws-signature-v4\"\nSecretAccessKey = \"a\\\\b#c;d%e\\\"f'g=\"\n\n\
         [auth.payments]\nMatch = 'https://api.example/'\nKeyId = '0123'\nStrict = true\n\n[signing]\n",
    ),
    (
        Format::Yaml,
        "# rotated weekly\nauth:\n  Method: aws-signature-v4\n  SecretAccessKey: a\\b#c;d%e\"f'g=\n\
         \n  payments:\n    Match: https://api.example/\n    KeyId: 0123\n    Strict: true\n\nsigning: {}\n",
    ),
    (
        Format::Json,
        "{\n\"auth\": {\n\"Method\": \"aws-signature-v4\",\n\"SecretAccessKey\": \"a\\\\b#c;d%e\\\"f'g=\",\n\n\
         \"payments\": {\n\"Match\": \"https://api.example/\",\n\"KeyId\": \"0123\",\n\"Strict\": true\n}},\n\
         \"signing\": {}}",
    ),
];

#[test]
fn the_extension_tells_the_format() {
    let cases = [
        ("auth.toml", Format::Toml),
        ("/etc/a.b/auth.TOML", Format::Toml),
        ("auth.yaml", Format::Yaml),
        ("auth.Yml", Format::Yaml),
        ("auth.json", Format::Json),
        ("auth.conf", Format::Ini),
        ("auth.ini", Format::Ini),
        ("auth", Format::Ini),
        (".toml", Format::Ini),
        ("auth.json.bak", Format::Ini),
        ("", Format::Ini),
    ];
    for (path, format) in cases {
        assert_eq!(Format::of(Path::new(path)), format, "{path}");
    }
}

#[test]
fn one_file_in_four_formats_gives_the_same_sections() {
    let secret = "a\\b#c;d%e\"f'g=";
    let expected = [
        ("auth", vec![("Method", "aws-signature-v4"), ("SecretAccessKey", secret)]),
        ("auth.payments", vec![("Match", "https://api.example/"), ("KeyId", "0123"), ("Strict", "true")]),
        ("signing", vec![]),
    ];
    for (format, text) in SAME {
        let sections = parse(text, format).unwrap();
        assert_eq!(names_and_values(&sections), expected, "{format:?}");
        let lines: Vec<_> = sections.iter().map(|section| section.line).collect();
        assert_eq!(lines, [2, 6, 11], "{format:?}");
    }
}

#[test]
fn an_entry_tells_where_its_value_begins() {
    let cases = [
        (Format::Ini, "[auth]\nKëy =\té", 2, 7),
        (Format::Ini, "\u{feff}[auth]\r\n  Key=\t x \r\n", 2, 9),
        (Format::Toml, "[auth]\n\"Kéy\" = 'x'", 2, 9),
        (Format::Toml, "\u{feff}auth.Key = 1", 1, 12),
        (Format::Toml, "auth = { Key = '''\nx''' }", 1, 16),
        (Format::Yaml, "auth:\n  Kéy: é", 2, 8),
        (Format::Yaml, "\u{feff}auth: {Ké: \"é\"}", 1, 12),
        (Format::Yaml, "auth:\r\n  Key: |\r\n    x\r\n", 3, 5),
        (Format::Yaml, "auth:\n  Key:\n    x\n", 3, 5),
        (Format::Json, "{\"auth\":\r\n {\"Kéy\": 12}}", 2, 10),
        (Format::Json, "\u{feff}{\"auth\":{\"é\":\"é\"}}", 1, 14),
    ];
    for (format, text, line, column) in cases {
        let sections = parse(text, format).unwrap();
        let entry = &sections[0].entries[0];
        assert_eq!((entry.line, entry.column), (line, column), "{format:?} {text:?}");
    }
}

#[test]
fn a_secret_survives_whatever_its_characters() {
    for secret in secrets() {
        for (format, text) in written(&secret) {
            let sections =
                parse(&text, format).unwrap_or_else(|error| panic!("{format:?} {text:?} {error:?}"));
            let [section] = &sections[..] else { panic!("{format:?} {text:?}") };
            let [before, entry, after] = &section.entries[..] else { panic!("{format:?} {text:?}") };
            assert_eq!(entry.value.expose(), secret, "{format:?} {text:?}");
            assert_eq!((before.value.expose(), after.value.expose()), ("1", "2"), "{format:?} {text:?}");
        }
    }
}

#[test]
fn a_value_without_quotes_is_its_source_text() {
    let looks_typed =
        ["0123", "no", "1e3", "~", "null", "0x1F", "1_000", ".inf", "2024-01-01", "-1", "<<", "="];
    let looks_special = [
        "a b",
        "a\tb",
        "/a+b/=",
        "+a",
        "-a",
        ":a",
        "?a",
        "a:b",
        "a#b",
        "a\\b\"c'd",
        "a[b]{c},d",
        "a&b*c!d|e>f%g@h`i",
    ];
    for value in looks_typed.into_iter().chain(looks_special) {
        assert_eq!(value_of(&format!("auth:\n  Key: {value}\n"), Format::Yaml), value);
    }
    for value in ["0x1F", "1_000", "1e3", "+5", "-0.10", "inf", "true", "false"] {
        assert_eq!(value_of(&format!("[auth]\nKey = {value}\n"), Format::Toml), value);
    }
    for value in ["1.0", "1e3", "-0", "123456789012345678901234567890", "true", "false"] {
        assert_eq!(value_of(&format!("{{\"auth\": {{\"Key\": {value} }}}}"), Format::Json), value);
    }
}

#[test]
fn an_ini_line_is_trimmed_and_nothing_else() {
    let cases = [
        ("[auth]\n\t Key \t=\t a  b \t\r\n", "a  b"),
        ("[auth]\nKey = ", ""),
        ("[auth]\nKey =\u{a0}x\u{a0}", "\u{a0}x\u{a0}"),
        ("[auth]\nKey = \"x\"", "\"x\""),
        ("[auth]\nKey = x # no comment", "x # no comment"),
        ("[auth]\nKey = x\\\n\n", "x\\"),
        ("\u{feff}  ; comment\n\t# comment\n[ auth ] \nKey = [x]", "[x]"),
    ];
    for (text, value) in cases {
        assert_eq!(value_of(text, Format::Ini), value, "{text:?}");
    }
}

#[test]
fn text_of_several_lines_is_a_value_where_the_format_can_write_it() {
    let cases = [
        (Format::Toml, "[auth]\nKey = \"\"\"\na\nb\n\"\"\""),
        (Format::Yaml, "auth:\n  Key: |\n    a\n    b\n"),
        (Format::Json, "{\"auth\": {\"Key\": \"a\\nb\\n\"}}"),
    ];
    for (format, text) in cases {
        assert_eq!(value_of(text, format), "a\nb\n", "{format:?}");
    }
}

#[test]
fn tables_are_sections_with_dotted_names() {
    let cases = [
        (Format::Toml, "[a.b.c]\nx = 1\n", vec![("a.b.c", 1)]),
        (Format::Toml, "[a.b]\nx = 1\n[c]\n[a]\ny = 1\n", vec![("a.b", 1), ("c", 3), ("a", 4)]),
        (Format::Toml, "\n[a]\nx = 1\n[c]\n[a.b]\n", vec![("a", 2), ("c", 4), ("a.b", 5)]),
        (Format::Toml, "a.b.x = 1\na.x = 1\n", vec![("a.b", 1), ("a", 2)]),
        (Format::Toml, "a = { x = 1, b = { c = {} } }\n", vec![("a", 1), ("a.b.c", 1)]),
        (Format::Toml, "[\"a.b\"]\n[a.\"c.d\"]\n", vec![("a.b", 1), ("a.c.d", 2)]),
        (Format::Yaml, "a:\n  b:\n    x: 1\n  y: 1\n", vec![("a", 1), ("a.b", 2)]),
        (Format::Yaml, "---\n\na: {}\nb: {c: {}, d: {x: 1}}\n...\n", vec![("a", 3), ("b.c", 4), ("b.d", 4)]),
        (Format::Yaml, "%YAML 1.2\n---\na.b: {}\n", vec![("a.b", 3)]),
        (Format::Json, "{\"a\": {\"b\": {},\n \"x\": 1}}", vec![("a", 1), ("a.b", 1)]),
        (Format::Json, "{\"a\": {\n\"b\": {\"c\": {}}},\n\"d\\u002ee\": {}}", vec![("a.b.c", 2), ("d.e", 3)]),
        (Format::Ini, "[a.b]\n[a]\nb = 1\n", vec![("a.b", 1), ("a", 2)]),
    ];
    for (format, text, expected) in cases {
        let sections = parse(text, format).unwrap();
        let found: Vec<_> = sections.iter().map(|section| (section.name.as_str(), section.line)).collect();
        assert_eq!(found, expected, "{format:?} {text:?}");
    }
}

#[test]
fn a_text_without_content_has_no_sections() {
    for format in [Format::Ini, Format::Toml, Format::Yaml] {
        for text in ["", "\u{feff}", "\n\n", "  \n", "# nothing\n", "\r\n"] {
            assert!(parse(text, format).unwrap().is_empty(), "{format:?} {text:?}");
        }
    }
    for (format, text) in
        [(Format::Json, " {} "), (Format::Yaml, "{}"), (Format::Yaml, "---\n"), (Format::Ini, ";")]
    {
        assert!(parse(text, format).unwrap().is_empty(), "{format:?} {text:?}");
    }
}

#[test]
fn an_ini_fault_is_named_with_its_place() {
    let check =
        |text: &str, place, names, message: &str| check_fault(Format::Ini, text, place, names, message);
    check("\nKey = 1\n", (2, 1), (None, Some("Key")), "outside of all");
    check("[auth]\n  stray\n", (2, 3), (Some("auth"), None), "a line is");
    check("[auth]\n = 1\n", (2, 2), (Some("auth"), None), "needs a name");
    check("[auth]\nKey = 1\n\tKEY = 2\n", (3, 2), (Some("auth"), Some("KEY")), "see line 2");
    check("[auth]\nÄ = 1\nä = 2\n", (3, 1), (Some("auth"), Some("ä")), "see line 2");
    check("[auth]\n[Auth]\n", (2, 1), (Some("Auth"), None), "see line 1");
    check("[auth\n", (1, 1), (None, None), "ends with `]`");
    check(" [auth] ; main\n", (1, 8), (None, None), "nothing stands behind");
    check("[auth]]\n", (1, 7), (None, None), "nothing stands behind");
    check("[]\n", (1, 1), (None, None), "needs a name");
    check("[a]\n[ \t]\n", (2, 1), (None, None), "needs a name");
    check("[auth]\nKey = é\0x\n", (2, 8), (Some("auth"), Some("Key")), "control character");
    check("[auth]\nKey = a\rb\n", (2, 8), (Some("auth"), Some("Key")), "control character");
    check("[auth]\nKey = a\u{85}\n", (2, 8), (Some("auth"), Some("Key")), "control character");
    check("[auth]\nK\u{1b}y = a\n", (2, 2), (Some("auth"), None), "control character");
    check("[au\u{1b}th]\n", (1, 4), (None, None), "control character");
}

#[test]
fn a_toml_fault_is_named_with_its_place() {
    let check =
        |text: &str, place, names, message: &str| check_fault(Format::Toml, text, place, names, message);
    check("Key = 1\n", (1, 1), (None, Some("Key")), "outside of all");
    check("[auth]\nKey = [1]\n", (2, 7), (Some("auth"), Some("Key")), "array");
    check("[[auth]]\nKey = 1\n", (1, 1), (None, Some("auth")), "array");
    check("[auth]\n\nKey = 2024-01-01\n", (3, 7), (Some("auth"), Some("Key")), "date");
    check("[auth]\nKey = 07:32:00\n", (2, 7), (Some("auth"), Some("Key")), "date");
    check("[auth]\nKey = 1\nKey = 2\n", (3, 1), (None, None), "taken");
    check("[auth]\nKey = 1\nkey = 2\n", (3, 1), (Some("auth"), Some("key")), "see line 2");
    check("[auth]\nx = 1\n[auth]\n", (3, 2), (None, None), "taken");
    check("[auth]\nx = 1\n[AUTH]\n", (3, 1), (Some("AUTH"), None), "see line 1");
    check("[auth.B]\n[auth.b]\n", (2, 1), (Some("auth.b"), None), "see line 1");
    check("[auth.b]\n['auth.b']\n", (2, 1), (Some("auth.b"), None), "see line 1");
    check("[auth]\nB = 1\n[auth.b]\n", (3, 1), (Some("auth.b"), None), "see line 2");
    check("[\"\"]\n", (1, 1), (None, None), "needs a name");
    check("[auth]\n\"\" = 1\n", (2, 1), (Some("auth"), None), "needs a name");
    check("[auth]\nKey = abc\n", (2, 7), (None, None), "stands in quotes");
    check("[auth]\nKëy = 0123\n", (2, 1 + 1), (None, None), "stands in quotes");
    check("[auth]\nKey = 0123\n", (2, 7), (None, None), "stands in quotes");
    check("[auth]\nKey = 'é' é\n", (2, 11), (None, None), "stands in quotes");
    check("[auth]\nKey = \"é", (2, 9), (None, None), "ends too early");
    check("[auth]\nKey = \n", (2, 7), (None, None), "ends too early");
}

#[test]
fn a_yaml_fault_is_named_with_its_place() {
    let check =
        |text: &str, place, names, message: &str| check_fault(Format::Yaml, text, place, names, message);
    check("\nKey: 1\n", (2, 1), (None, Some("Key")), "outside of all");
    check("just text\n", (1, 1), (None, None), "mapping of sections");
    check("- auth\n", (1, 1), (None, None), "mapping of sections");
    check("auth:\n  Key: [1]\n", (2, 8), (Some("auth"), Some("Key")), "list");
    check("auth:\n  Key:\n    - 1\n", (3, 5), (Some("auth"), Some("Key")), "list");
    check("auth:\n  Key:\n", (2, 3), (Some("auth"), Some("Key")), "no value");
    check("auth:\n", (1, 1), (None, Some("auth")), "no value");
    check("auth: {Key}\n", (1, 8), (Some("auth"), None), "no value");
    check("auth: {Key: }\n", (1, 8), (Some("auth"), None), "no value");
    check("auth:\n  Key: 1\n  key: 2\n", (3, 3), (Some("auth"), Some("key")), "see line 2");
    check("auth: {}\nAuth: {}\n", (2, 1), (Some("Auth"), None), "see line 1");
    check("auth:\n  b: {}\nauth.B: {}\n", (3, 1), (Some("auth.B"), None), "see line 2");
    check("auth:\n  Key: &x 1\n", (2, 8), (Some("auth"), Some("Key")), "anchors");
    check("auth: &x {}\n", (1, 7), (None, Some("auth")), "anchors");
    check("a: {&x Key: 1}\n", (1, 5), (Some("a"), None), "anchors");
    check("auth:\n  Key: !!str 1\n", (2, 8), (Some("auth"), Some("Key")), "tags");
    check("auth: !x {}\n", (1, 7), (None, Some("auth")), "tags");
    check("!x {}\n", (1, 1), (None, None), "tags");
    check("auth:\n  Key: *x\n", (2, 8), (None, None), "not valid YAML");
    check("auth:\n  <<: {}\n", (2, 3), (Some("auth"), None), "merge");
    check("auth:\n  ? [a]\n  : 1\n", (2, 5), (Some("auth"), None), "a name is text");
    check("auth:\n  \"\": 1\n", (2, 3), (Some("auth"), None), "needs a name");
    check("\"\": {}\n", (1, 1), (None, None), "needs a name");
    check("auth: {}\n---\nb: {}\n", (2, 1), (None, None), "one YAML document");
    check("auth:\n  Key: a: b\n", (2, 9), (None, None), "stands in quotes");
    check("auth:\n  Key: @a\n", (2, 8), (None, None), "stands in quotes");
    check("auth:\n  Key: \"abc", (2, 8), (None, None), "not valid YAML");
    check("auth: {Key: 1", (1, 14), (None, None), "ends too early");
    check("auth:\n  Key: a\0b\n", (2, 9), (None, None), "control character");
}

#[test]
fn a_json_fault_is_named_with_its_place() {
    let check =
        |text: &str, place, names, message: &str| check_fault(Format::Json, text, place, names, message);
    check("", (1, 1), (None, None), "empty");
    check(" \n", (1, 1), (None, None), "empty");
    check(" []", (1, 2), (None, None), "object of sections");
    check("\n\"auth\"", (2, 1), (None, None), "object of sections");
    check("{\"Key\": 1}", (1, 2), (None, Some("Key")), "outside of all");
    check("{\"auth\":\n{\"Këy\": [1]}}", (2, 9), (Some("auth"), Some("Këy")), "array");
    check("{\"auth\": null}", (1, 10), (None, Some("auth")), "null");
    check("{\"auth\": {\"Key\": null}}", (1, 18), (Some("auth"), Some("Key")), "null");
    check("{\"auth\": {\"Key\": 1,\n\"KEY\": 2}}", (2, 1), (Some("auth"), Some("KEY")), "see line 1");
    check("{\"auth\": {},\n\"auth\": {}}", (2, 1), (Some("auth"), None), "see line 1");
    check("{\"a\": {\"b\": {}},\n\"A.B\": {}}", (2, 1), (Some("A.B"), None), "see line 1");
    check("{\"auth\": {\"b\": 1, \"B\": {}}}", (1, 19), (Some("auth.B"), None), "see line 1");
    check("{\"\": {}}", (1, 2), (None, None), "needs a name");
    check("{\"a\": {\"\": 1}}", (1, 8), (Some("a"), None), "needs a name");
    check("{\"a\": {\"\\ud800\": 1}}", (1, 8), (Some("a"), None), "half a character");
    check("{\"a\": {\"Key\": \"\\udc00\"}}", (1, 15), (Some("a"), Some("Key")), "half a character");
    check("{\"é\": {},}", (1, 10), (None, None), "not valid JSON");
    check("{\n\"é\": é}", (2, 6), (None, None), "not valid JSON");
    check("{\"a\": {\"Key\": 01}}", (1, 16), (None, None), "not valid JSON");
    check("{\"a\": {}} x", (1, 11), (None, None), "not valid JSON");
    check("{\"a\": {}", (1, 9), (None, None), "ends too early");
    // Here the parser stops one character early.
    check("{\"a\": \"\u{1}\"}", (1, 7), (None, None), "not valid JSON");
}

#[test]
fn names_in_errors_are_escaped_and_cut() {
    let cases = [
        ("plain".to_owned(), "plain".to_owned()),
        ("a\u{1b}[31m".to_owned(), "a\\u{1b}[31m".to_owned()),
        ("\u{202e}evil\n".to_owned(), "\\u{202e}evil\\u{a}".to_owned()),
        ("é".repeat(63), "é".repeat(63)),
        ("é".repeat(64), format!("{}…", "é".repeat(63))),
        ("a".repeat(60) + "\0\0\0", format!("{}…", "a".repeat(60))),
    ];
    for (name, shown) in cases {
        let json = format!("{{{}: 1}}", json_string(&name));
        assert_eq!(parse(&json, Format::Json).unwrap_err().parameter, Some(shown));
    }
}

#[test]
fn no_error_shows_a_value() {
    let broken = [
        (Format::Ini, "[auth]\nKey = a\n@\n"),
        (Format::Ini, "[auth]\nKey = \0@\n"),
        (Format::Ini, "[auth]\nKey = @\nkey = @\n"),
        (Format::Ini, "Key = @\n"),
        (Format::Ini, "[auth]\n= @\n"),
        (Format::Ini, "[@\n"),
        (Format::Ini, "[auth] @\n"),
        (Format::Toml, "[auth]\nKey = @\n"),
        (Format::Toml, "[auth]\nKey = '@\n"),
        (Format::Toml, "[auth]\nKey = '@' x\n"),
        (Format::Toml, "[auth]\nKey = \"@\\q\"\n"),
        (Format::Toml, "[auth]\nKey = ['@']\n"),
        (Format::Toml, "[auth]\nKey = '@'\nKey = '@'\n"),
        (Format::Toml, "[auth]\nKey = '@'\nkey = '@'\n"),
        (Format::Toml, "[auth]\nKey = {@}\n"),
        (Format::Toml, "[auth]\nKey = '@'\nKey.x = '@'\n"),
        (Format::Toml, "[auth]\nKey = '''@\n"),
        (Format::Toml, "[auth]\nKey '@'\n"),
        (Format::Toml, "Key = '@'\n"),
        (Format::Yaml, "@\n"),
        (Format::Yaml, "Key: @\n"),
        (Format::Yaml, "auth:\n  Key: *@\n"),
        (Format::Yaml, "auth:\n  Key: &@\n"),
        (Format::Yaml, "auth:\n  Key: !@ x\n"),
        (Format::Yaml, "auth:\n  Key: !@! x\n"),
        (Format::Yaml, "auth:\n  Key: {@}\n"),
        (Format::Yaml, "auth:\n  Key: {@, @}\n"),
        (Format::Yaml, "auth:\n  Key: {@\n"),
        (Format::Yaml, "auth:\n  Key: {\"@\"}\n"),
        (Format::Yaml, "auth:\n  Key: [@]\n"),
        (Format::Yaml, "auth:\n  Key: \"@\n"),
        (Format::Yaml, "auth:\n  Key: \"\\q@\"\n"),
        (Format::Yaml, "auth:\n  Key: '@' @\n"),
        (Format::Yaml, "auth:\n  Key: x: @\n"),
        (Format::Yaml, "auth:\n  Key: @\n  key: @\n"),
        (Format::Yaml, "auth:\n  Key: @\n @\n"),
        (Format::Yaml, "auth:\n  Key: %@\n"),
        (Format::Yaml, "auth:\n  - @\n"),
        (Format::Json, "\"@\""),
        (Format::Json, "{\"Key\": \"@\"}"),
        (Format::Json, "{\"auth\": {\"Key\": @}}"),
        (Format::Json, "{\"auth\": {\"Key\": \"@"),
        (Format::Json, "{\"auth\": {\"Key\": \"@\\q\"}}"),
        (Format::Json, "{\"auth\": {\"Key\": \"@\\ud800\"}}"),
        (Format::Json, "{\"auth\": {\"Key\": [\"@\"]}}"),
        (Format::Json, "{\"auth\": {\"Key\": \"@\", \"key\": \"@\"}}"),
        (Format::Json, "{\"auth\": {\"Key\" \"@\"}}"),
        (Format::Json, "{\"auth\": {\"@\"}}"),
    ];
    for (format, template) in broken {
        let text = template.replace('@', MARKER);
        let error = parse(&text, format).err().unwrap_or_else(|| panic!("{format:?} {text:?} is valid"));
        assert!(!format!("{error:?} {error:#?}").contains(MARKER), "{format:?} {text:?} {error:?}");
    }
}

#[test]
fn debug_of_sections_shows_no_value() {
    for (format, text) in written(MARKER) {
        let sections = parse(&text, format).unwrap();
        assert!(!format!("{sections:?} {sections:#?}").contains(MARKER), "{format:?}");
    }
}

#[test]
fn tables_nest_sixteen_deep_and_no_deeper() {
    for format in [Format::Toml, Format::Yaml, Format::Json] {
        let sections = parse(&nested(16, format), format).unwrap();
        assert_eq!(sections.len(), 1);
        assert_eq!(sections[0].name, vec!["a"; 16].join("."));

        let error = parse(&nested(17, format), format).unwrap_err();
        assert_eq!(error.section, Some(vec!["a"; 16].join(".")));
        assert!(error.message.contains("at most 16 deep"), "{format:?} {error:?}");
    }
}

#[test]
fn hostile_depth_is_an_error() {
    let dots = vec!["a"; 79].join(".");
    let multiplied = format!("[{dots}]\n{}{dots} = 1{}", format!("{dots} = {{").repeat(79), "}".repeat(79));
    let cases = [
        (Format::Toml, multiplied),
        (Format::Toml, nested(1000, Format::Toml)),
        (Format::Toml, format!("{} = 1", vec!["a"; 100_000].join("."))),
        (Format::Toml, format!("[{}]", vec!["a"; 100_000].join("."))),
        (Format::Toml, format!("a = {}", "[".repeat(100_000))),
        (Format::Toml, format!("a = {}", "{a=".repeat(100_000))),
        (Format::Toml, format!("[a]\nb = {}", "{a={},".repeat(100_000))),
        (Format::Toml, format!("[a]\nb = {}", "{a.b\n.c=".repeat(100_000))),
        (Format::Yaml, nested(1000, Format::Yaml)),
        (Format::Yaml, "{".repeat(100_000)),
        (Format::Yaml, "[".repeat(100_000)),
        (Format::Yaml, "? ".repeat(100_000)),
        (Format::Yaml, "- ".repeat(100_000)),
        (Format::Yaml, "{a: ".repeat(100_000)),
        (Format::Yaml, "? {".repeat(100_000)),
        (Format::Json, nested(100_000, Format::Json)),
        (Format::Json, "{\"a\":".repeat(100_000)),
        (Format::Json, format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000))),
    ];
    for (format, text) in cases {
        assert!(parse(&text, format).is_err(), "{format:?} {:?}", &text[..20]);
    }
}

#[test]
fn long_texts_and_long_names_of_sections_are_refused() {
    for (format, comment) in
        [(Format::Ini, "#"), (Format::Toml, "#"), (Format::Yaml, "#"), (Format::Json, "{}")]
    {
        let fits = format!("{comment}{}", " ".repeat(MAX_TEXT - comment.len()));
        assert!(parse(&fits, format).is_ok(), "{format:?}");
        let error = parse(&(fits + " "), format).unwrap_err();
        assert_eq!((error.line, error.column), (1, 1), "{format:?}");
        assert!(error.message.contains("8 MiB"), "{format:?}");
    }
    let name = "a".repeat(255);
    for (format, fits) in [
        (Format::Ini, format!("[{name}b]")),
        (Format::Toml, format!("[{name}b]")),
        (Format::Yaml, format!("{name}b: {{}}")),
        (Format::Json, format!("{{\"{name}b\": {{}}}}")),
    ] {
        assert!(parse(&fits, format).is_ok(), "{format:?}");
        let error = parse(&fits.replacen('b', ".b", 1), format).unwrap_err();
        assert!(error.message.contains("at most 256 bytes"), "{format:?} {error:?}");
    }
}

#[test]
fn ten_thousand_sections_are_read() {
    for (format, text) in many(10_000) {
        let sections = parse(&text, format).unwrap();
        assert_eq!(sections.len(), 10_000, "{format:?}");
        let last = &sections[9_999];
        assert_eq!((last.name.as_str(), last.entries.len()), ("auth.n9999", 2), "{format:?}");
        assert_eq!(last.entries[1].value.expose(), "secret9999", "{format:?}");
    }
}

#[test]
fn a_file_that_is_cut_off_never_panics() {
    let quoted = written(&"é\\\"'#".repeat(10));
    let texts = SAME.iter().map(|(_, text)| *text).chain(quoted.iter().map(|(_, text)| text.as_str()));
    for text in texts {
        // What is cut within a character is no text, and does not come here.
        for text in (0..text.len()).filter_map(|length| text.get(..length)) {
            for format in FORMATS {
                let _ = parse(text, format);
            }
        }
    }
}

#[test]
fn random_changes_never_panic() {
    const BITS: [&str; 32] = [
        "\n", " ", "  ", "\t", "\r", "=", ":", ": ", "#", "\"", "'", "[", "]", "{", "}", ",", ".", "-", "- ",
        "? ", "|", ">", "&a", "*a", "!a", "%", "\\", "\0", "é", "\u{feff}", "---\n", "'''",
    ];
    let mut random = Random(20_240_229);
    for _ in 0..4_000 {
        for (format, text) in SAME {
            let mut characters: Vec<String> = text.chars().map(String::from).collect();
            for _ in 0..=random.below(8) {
                let index = random.below(characters.len());
                match random.below(3) {
                    0 => drop(characters.remove(index)),
                    1 => characters.insert(index, BITS[random.below(BITS.len())].to_owned()),
                    _ => characters[index] = BITS[random.below(BITS.len())].to_owned(),
                }
            }
            let _ = parse(&characters.concat(), format);
        }
    }
}

#[test]
fn a_position_counts_lines_and_characters() {
    let text = format!("a\r\né{}\n\n{}𝄞x", "é".repeat(300), "line\n".repeat(200));
    let positions = Positions::new(&text);
    let mut expected = Position::START;
    for (offset, character) in text.char_indices() {
        assert_eq!(positions.at(offset), expected);
        assert_eq!(positions.of(&text[offset..]), expected);
        expected = match character {
            '\n' => Position { line: expected.line + 1, column: 1 },
            _ => Position { line: expected.line, column: expected.column + 1 },
        };
    }
    assert_eq!(positions.end(), expected);
    assert_eq!(Positions::new("").end(), Position::START);
}

#[track_caller]
fn check_fault(
    format: Format,
    text: &str,
    place: (usize, usize),
    (section, parameter): (Option<&str>, Option<&str>),
    message: &str,
) {
    let error = parse(text, format).unwrap_err();
    assert!(error.message.contains(message), "{text:?} {error:?}");
    assert_eq!((error.line, error.column), place, "{text:?} {error:?}");
    assert_eq!(
        (error.section.as_deref(), error.parameter.as_deref()),
        (section, parameter),
        "{text:?} {error:?}"
    );
}

fn names_and_values<'s>(sections: &'s [Section]) -> Vec<(&'s str, Vec<(&'s str, &'s str)>)> {
    let pair = |entry: &'s Entry| (entry.name.as_str(), entry.value.expose());
    let section = |section: &'s Section| (section.name.as_str(), section.entries.iter().map(pair).collect());
    sections.iter().map(section).collect()
}

/// The value of the only entry of the only section.
#[track_caller]
fn value_of(text: &str, format: Format) -> String {
    let sections = parse(text, format).unwrap();
    assert_eq!((sections.len(), sections[0].entries.len()), (1, 1), "{text:?}");
    sections[0].entries[0].value.expose().to_owned()
}

/// Secrets that some format could mistake for something else.
fn secrets() -> Vec<String> {
    let mut secrets = Vec::new();
    for special in "\\#;%\"'=[]{}:,&*!|>@`-?~$/<^.".chars() {
        for shape in ["_", "_x", "x_", "x_y", "x _ y", "x _y", "x_ y", "__", "x__y"] {
            secrets.push(shape.replace('_', &special.to_string()));
        }
    }
    let looks_typed = "0 0123 007 1e3 0x1F -1 +1 1_000 12345678901234567890 true false null ~ yes no \
                       2024-01-01 07:32:00 nan";
    let looks_special =
        r#"[auth]|Key = x|Key: x|- x|? x|<<|---|...|''|""|'''|"""|#x|x #y|;x|{x: y}|//x|/*x*/"#;
    let looks_escaped = r"\n|\u0041|\|%41|${HOME}|$HOME|{{x}}|env:HOME";
    secrets.extend(looks_typed.split(' ').map(str::to_owned));
    secrets.extend(looks_special.split('|').map(str::to_owned));
    secrets.extend(looks_escaped.split('|').map(str::to_owned));
    let others = ["", "a b", "a  b", "a\tb", "a\t b", "é", "пароль", "密码", "🔑", "\u{a0}x", "a\u{2028}b"];
    secrets.extend(others.map(str::to_owned));
    secrets.push("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY==".repeat(1000));
    secrets
}

/// A section with `secret` between two other entries, in each format and in each way to quote there.
fn written(secret: &str) -> Vec<(Format, String)> {
    let mut texts = vec![(Format::Ini, format!("[auth]\nA = 1\nKey = {secret}\nB = 2\n"))];
    let mut toml = vec![basic_string(secret)];
    if !secret.contains('\'') {
        toml.push(format!("'{secret}'"));
    }
    for value in toml {
        texts.push((Format::Toml, format!("[auth]\nA = 1\nKey = {value}\nB = 2\n")));
        texts.push((Format::Toml, format!("auth = {{ A = 1, Key = {value}, B = 2 }}\n")));
    }
    for value in [basic_string(secret), format!("'{}'", secret.replace('\'', "''"))] {
        texts.push((Format::Yaml, format!("auth:\n  A: 1\n  Key: {value}\n  B: 2\n")));
        texts.push((Format::Yaml, format!("auth: {{A: 1, Key: {value}, B: 2}}\n")));
    }
    texts.push((
        Format::Json,
        format!("{{\"auth\": {{\"A\": 1, \"Key\": {}, \"B\": 2}}}}", json_string(secret)),
    ));
    texts
}

/// In double quotes, as TOML and YAML have it.
fn basic_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn json_string(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// Tables one inside the other, each named `a`.
fn nested(depth: usize, format: Format) -> String {
    match format {
        Format::Ini | Format::Toml => format!("[{}]", vec!["a"; depth].join(".")),
        Format::Yaml => {
            let lines = (0..depth).map(|level| format!("{}a:", " ".repeat(level)));
            lines.collect::<Vec<_>>().join("\n") + " {}\n"
        }
        Format::Json => format!("{}{{}}{}", "{\"a\":".repeat(depth), "}".repeat(depth)),
    }
}

/// A file of `count` sections in each format; the one of JSON is a single line.
fn many(count: usize) -> [(Format, String); 4] {
    let [mut ini, mut toml, mut yaml, mut json] = ["", "", "auth:\n", "{\"auth\":{"].map(str::to_owned);
    for n in 0..count {
        write!(ini, "[auth.n{n}]\nId = {n}\nKey = secret{n}\n").unwrap();
        write!(toml, "[auth.n{n}]\nId = {n}\nKey = 'secret{n}'\n").unwrap();
        write!(yaml, "  n{n}:\n    Id: {n}\n    Key: secret{n}\n").unwrap();
        let comma = if n == 0 { "" } else { "," };
        write!(json, "{comma}\"n{n}\":{{\"Id\":{n},\"Key\":\"secret{n}\"}}").unwrap();
    }
    json.push_str("}}");
    [(Format::Ini, ini), (Format::Toml, toml), (Format::Yaml, yaml), (Format::Json, json)]
}

/// The same numbers in each run: a linear congruential generator with Knuth's constants for 64 bits.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The low bits of such a generator repeat soon.
        (self.0 >> 33) as usize % bound.max(1)
    }
}
