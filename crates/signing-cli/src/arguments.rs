//! Arguments that several commands share.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use http::Uri;
use http::request::Parts;
use signing_core::{AuthParams, ParamErrorKind, Registry, Timestamp};
use tower_signing::{ConfigReport, SigningLayer, SigningLayerBuilder, SigningOptions};

use crate::auth::{Auth, Chosen, OwnParams};
use crate::environment;
use crate::failure::Failure;
use crate::head::{self, add_header};
use crate::instant;
use crate::parameters;
use crate::refusal::Refusal;

/// What their part of the help is called.
const SIGNING: &str = "Signing";

/// How requests are to be signed.
#[derive(Debug, Args)]
pub(crate) struct AuthArgs {
    /// Config file; the section whose Match covers the URL signs
    #[arg(long, value_name = "FILE", help_heading = SIGNING)]
    auth: Option<PathBuf>,
    /// Section to use, such as `payments` for [auth.payments]
    #[arg(long, value_name = "NAME", requires = "auth", help_heading = SIGNING)]
    section: Option<String>,
    /// Method, such as aws-signature-v4; without --auth, `signing --help` has the variables that go with it
    #[arg(id = "auth_method", long = "method", value_name = "NAME", help_heading = SIGNING)]
    method: Option<String>,
    /// Parameter that overrides the section's, or stands alone; a secret as env:VARIABLE, file:PATH, or - for a
    /// line of standard input
    #[arg(long = "param", value_name = "NAME=VALUE", help_heading = SIGNING)]
    params: Vec<String>,
}

/// When it is signed.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ClockArgs {
    /// Sign as if it were this instant: seconds since 1970, or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant::parse, help_heading = SIGNING)]
    time: Option<Timestamp>,
}

impl ClockArgs {
    /// The instant to sign for.
    pub(crate) fn now(self) -> Result<Timestamp, Refusal> {
        self.time.map_or_else(instant::now, Ok)
    }

    /// The same as a layer wants it.
    pub(crate) fn system_time(self) -> SystemTime {
        match self.time {
            Some(time) => UNIX_EPOCH + Duration::from_secs(time.unix()),
            None => SystemTime::now(),
        }
    }
}

/// Where a body is held that must be read before it is sent.
#[derive(Debug, Args)]
#[command(next_help_heading = "Bodies")]
pub(crate) struct BodyArgs {
    /// How much of a streamed body is held in memory, where its hash must be known first [default: 8MiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    buffer_limit: Option<u64>,
    /// How much of a longer one is held in a temporary file [default: 64GiB for `send`, none for `proxy`]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    spool_limit: Option<u64>,
    /// Where such files are made [default: the system's folder]
    #[arg(long, value_name = "FOLDER")]
    spool_dir: Option<PathBuf>,
}

impl BodyArgs {
    /// Sets what was given. A `[signing]` section that is watched wins over it.
    pub(crate) fn apply(&self, mut builder: SigningLayerBuilder) -> Result<SigningLayerBuilder, Failure> {
        if let Some(bytes) = self.buffer_limit {
            builder = builder.buffer_limit(bytes);
        }
        if let Some(bytes) = self.spool_limit {
            builder = builder.spool_limit(bytes);
        }
        if let Some(folder) = &self.spool_dir {
            if !folder.is_dir() {
                return Err(Failure::usage(format!("--spool-dir {}: is no folder", folder.display())));
            }
            builder = builder.spool_dir(folder);
        }
        Ok(builder)
    }
}

impl AuthArgs {
    /// Reads all that is to be read, once, for a request to `url` and those that follow it.
    ///
    /// Flags that stand alone sign for scheme, host and port of `url`, unless they say otherwise.
    pub(crate) fn load(&self, url: &Uri) -> Result<Loaded, Failure> {
        let auth = Auth::load(self.auth.as_deref())?;
        let own = self.own_params(url)?.map(|params| OwnParams::for_url(params, url)).transpose()?;
        Ok(Loaded { auth, section: self.section.clone(), own })
    }

    /// Whether any flag says how to sign.
    pub(crate) fn is_given(&self) -> bool {
        self.auth.is_some() || self.method.is_some() || !self.params.is_empty()
    }

    /// What signs `head`, for a command that signs one request.
    pub(crate) fn signer(&self, head: &Parts) -> Result<Chosen, Failure> {
        Ok(self.load(&head.uri)?.signer(head)?)
    }

    /// Ends `builder` for a command that signs until it is stopped: the file is watched from then on.
    ///
    /// Give the builder its base URL first: it binds sections and flags without a `Match`. Put
    /// [`options`](Self::options) into the extensions of each request, in place of whatever is there.
    pub(crate) fn layer(
        &self,
        builder: SigningLayerBuilder,
        base_url: &Uri,
    ) -> Result<SigningLayer, Failure> {
        match (&self.auth, self.own_params(base_url)?) {
            (Some(_), Some(_)) => Err(Failure::usage(
                "--auth FILE is watched here and cannot be combined with --method or --param: write the parameters into the file",
            )),
            (Some(path), None) => {
                let layer = builder.from_file(path).map_err(|error| Failure::usage(error.to_string()))?;
                self.check_section(path)?;
                Ok(layer)
            }
            (None, own) => {
                let signers = OwnParams::new(own.unwrap_or_default()).signers(&Registry::new());
                Ok(builder.signers(signers.map_err(|refusal| Failure::of_flags(&refusal))?))
            }
        }
    }

    /// What each request that passes the [`layer`](Self::layer) has in its extensions: the section that
    /// `--section` names, or none in particular.
    pub(crate) fn options(&self) -> SigningOptions {
        let options = SigningOptions::new();
        self.section.iter().fold(options, |options, name| options.section(name.as_str()))
    }

    /// Call it where `wanted`, such as "the body", is read from standard input, before that is done: a parameter
    /// cannot be read there as well.
    pub(crate) fn leave_standard_input_to(&self, wanted: &str) -> Result<(), Failure> {
        match parameters::of_standard_input(&self.params)? {
            Some(name) => Err(Failure::usage(format!(
                "standard input cannot give both {wanted} and --param {name}=-: use {name}=file:PATH or {name}=env:VARIABLE"
            ))),
            None => Ok(()),
        }
    }

    /// The parameters that flags give. Without a file, the environment completes them for `url`.
    fn own_params(&self, url: &Uri) -> Result<Option<AuthParams>, Failure> {
        parameters::of_standard_input(&self.params)?;
        let own = parameters::of_flags(self.method.as_deref(), &self.params)?;
        match (&self.auth, own) {
            (Some(_), own) => Ok(own),
            (None, None) => Err(Failure::usage(format!(
                "nothing says how to sign: give --auth FILE, or --method NAME and --param NAME=VALUE\n{}",
                environment::summary()
            ))),
            (None, Some(mut params)) => {
                environment::complete(&mut params, url)?;
                check(&params)?;
                Ok(Some(params))
            }
        }
    }

    /// A file that is watched may get the section later, but who mistypes its name wants to know now.
    fn check_section(&self, path: &Path) -> Result<(), Failure> {
        let Some(wanted) = &self.section else { return Ok(()) };
        let report = ConfigReport::of_file(path, &Registry::new());
        let is_there = report.sections().iter().any(|section| {
            let name = section.name();
            let (_, short) = name.split_once('.').unwrap_or(("", name));
            short.eq_ignore_ascii_case(wanted)
        });
        if is_there {
            return Ok(());
        }
        Err(Failure::usage(format!("--section {wanted}: {} has no such section", path.display())))
    }
}

/// Whether `params` alone make a signer.
fn check(params: &AuthParams) -> Result<(), Failure> {
    let mut bare = params.clone();
    bare.remove("Match");
    let Err(error) = Registry::new().signer(&bare) else { return Ok(()) };
    let advice = match error.kind() {
        ParamErrorKind::Missing => params.get("Method").and_then(environment::summary_of),
        _ => None,
    };
    Err(Failure::usage(match advice {
        Some(advice) => format!("{error}\n{advice}"),
        None => error.to_string(),
    }))
}

/// What [`AuthArgs`] say, read once: asking a second time gives the same answer, whatever has changed since.
#[derive(Debug)]
pub(crate) struct Loaded {
    auth: Auth,
    section: Option<String>,
    own: Option<OwnParams>,
}

impl Loaded {
    /// What signs `head`. For each hop of a redirect, it is asked anew; it refuses where nothing may sign.
    pub(crate) fn signer(&self, head: &Parts) -> Result<Chosen, Refusal> {
        self.auth.choose(head, self.section.as_deref(), self.own.as_ref())
    }

    /// The same, with one parameter on top of all others.
    pub(crate) fn with_param(self, name: &str, value: &str) -> Self {
        let own = self.own.unwrap_or_else(|| OwnParams::new(AuthParams::new()));
        Self { own: Some(own.with(name, value)), ..self }
    }
}

/// The head that flags describe; `headers` are those of `-H`, `Name: value` as curl takes them.
pub(crate) fn head(method: &str, url: &str, headers: &[String]) -> Result<Parts, Failure> {
    let mut head = head::head(method, url).map_err(|refusal| Failure::of_flags(&refusal))?;
    for header in headers {
        let (name, value) = split(header, ':').ok_or_else(|| Failure::usage("-H must be `Name: value`"))?;
        add_header(&mut head, name, value.trim()).map_err(|refusal| Failure::of_flags(&refusal))?;
    }
    Ok(head)
}

/// At the first separator. (As a parser of clap's, it would have the whole argument in its error.)
pub(crate) fn split(argument: &str, separator: char) -> Option<(&str, &str)> {
    argument.split_once(separator).filter(|(name, _)| !name.is_empty())
}

/// `90s`, `15m`, `12h`, `7d`.
pub(crate) fn duration(text: &str) -> Result<Duration, &'static str> {
    const FAULT: &str = "must be a whole number and a unit: s, m, h or d, such as 15m";
    let unit = text.chars().last().ok_or(FAULT)?;
    let number = &text[..text.len() - unit.len_utf8()];
    let seconds_per_unit: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(FAULT),
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(FAULT);
    }
    let seconds = number.parse().ok().and_then(|number: u64| number.checked_mul(seconds_per_unit));
    seconds.map(Duration::from_secs).ok_or(FAULT)
}

/// Bytes: a whole number, alone or with `KiB`, `MiB` or `GiB`.
pub(crate) fn size(text: &str) -> Result<u64, &'static str> {
    const FAULT: &str = "must be a whole number of bytes, alone or with KiB, MiB or GiB, such as 100MiB";
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let shift = match unit {
        "" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err(FAULT),
    };
    let bytes = number.parse().ok().and_then(|number: u64| number.checked_mul(1 << shift));
    bytes.ok_or(FAULT)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        auth: AuthArgs,
    }

    fn flags(args: &[&str]) -> AuthArgs {
        Flags::parse_from([&["signing"], args].concat()).auth
    }

    /// What comes of a layer for these flags, beside a file with one named section.
    #[track_caller]
    fn check_layer(args: &[&str], expected: Result<(), &str>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.conf");
        fs::write(&path, "[auth.partner]\nMethod = auth-token\nHeader = x\nToken = t\n").unwrap();
        fs::write(folder.path().join("faulty.conf"), "[auth]\nMethod = auth-tokn\n").unwrap();
        let args: Vec<_> =
            args.iter().map(|arg| arg.replace("FOLDER", folder.path().to_str().unwrap())).collect();
        let auth = flags(&args.iter().map(String::as_str).collect::<Vec<_>>());
        let base_url = "https://a.example/";
        let builder = SigningLayer::builder().base_url(base_url).unwrap();
        match (auth.layer(builder, &base_url.parse().unwrap()), expected) {
            (Ok(layer), Ok(())) => assert_eq!(layer.store().generation().number, 1),
            (Err(failure), Err(message)) => assert!(format!("{failure:?}").contains(message), "{failure:?}"),
            (result, expected) => panic!("{result:?}, not {expected:?}"),
        }
    }

    #[test]
    fn a_layer_signs_by_a_file_or_by_flags() {
        let file = ["--auth", "FOLDER/auth.conf"];
        let token = ["--method", "auth-token", "--param", "Header=x"];
        check_layer(&file, Ok(()));
        check_layer(&[&file[..], &["--section", "Partner"]].concat(), Ok(()));
        check_layer(&[&file[..], &["--section", "partnr"]].concat(), Err("has no such section"));
        check_layer(
            &[&file[..], &["--param", "Header=y"]].concat(),
            Err("write the parameters into the file"),
        );
        check_layer(&["--auth", "FOLDER/faulty.conf", "--section", "x"], Err("did you mean `auth-token`"));
        check_layer(&[&token[..], &["--param", "Token=file:FOLDER/faulty.conf"]].concat(), Err("line break"));
        check_layer(&[&token[..], &["--param", "Match=x"]].concat(), Err("`Token` is missing"));
        check_layer(&[], Err("nothing says how to sign"));
    }

    #[test]
    fn requests_of_a_layer_keep_to_the_section_that_was_named() {
        let shown = |args: &[&str]| format!("{:?}", flags(args).options());
        assert!(shown(&["--auth", "x", "--section", "partner"]).contains("Section(\"partner\")"));
        assert!(shown(&["--auth", "x"]).contains("Route"));
    }

    #[test]
    fn sizes_have_binary_units() {
        let check = |text, expected: Option<u64>| assert_eq!(size(text).ok(), expected, "{text}");
        check("0", Some(0));
        check("1000", Some(1000));
        check("64KiB", Some(65_536));
        check("100MiB", Some(104_857_600));
        check("2GiB", Some(2_147_483_648));
        for text in
            ["", "KiB", "1k", "1 KiB", "-1", "1.5GiB", "1kib", "99999999999999999999", "99999999999999GiB"]
        {
            check(text, None);
        }
    }

    #[test]
    fn durations_have_a_unit() {
        let check = |text, expected: Option<u64>| {
            assert_eq!(duration(text).ok().map(|time| time.as_secs()), expected, "{text}");
        };
        check("90s", Some(90));
        check("15m", Some(900));
        check("12h", Some(43_200));
        check("7d", Some(604_800));
        for text in ["", "15", "m", "-1s", "+1s", "1.5h", "1w", "15 m", "1ä", "99999999999999999999d"] {
            check(text, None);
        }
    }
}
