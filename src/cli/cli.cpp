// SPDX-License-Identifier: MIT
#include "cli/cli.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <optional>

#include "cli/verbs.hpp"
#include "model/text.hpp"
#include "report/json.hpp"
#include "report/text.hpp"
#include "strandline/error.hpp"
#include "strandline/version.hpp"
#include "sync/advice.hpp"

namespace strandline::cli {
namespace {

using Detail = report::Console::Detail;

constexpr const char* description =
    "Keeps a local SQLite file in step with a REST API.\n";

constexpr const char* footer =
    "\nExit codes: 0 done, 1 status: not fresh, 10 some streams failed, 11 "
    "another "
    "run is\nat work, 64 usage, 65 data, 66 a file or secret is missing, 69 "
    "unavailable, 70 a bug,\n73 and 74 the database file, 75 try again later, "
    "76 "
    "protocol, 77 credentials,\n78 configuration, 130 and 143 stopped by a "
    "signal.";

// The command line, and what it asked for.
class Program {
 public:
  Program() : app_(description, "strandline") {
    app_.require_subcommand(0, 1);
    app_.fallthrough();
    app_.set_help_flag("-h,--help", "Print this help");
    app_.set_version_flag("--version",
                          std::string("strandline ") + strandline::version,
                          "Print the version");
    app_.add_option("-c,--config", common_.config,
                    "The configuration (default: $STRANDLINE_CONFIG, then "
                    "./strandline.toml)")
        ->type_name("FILE");
    app_.add_flag("--json", common_.json, "Answer in JSON, one object a line");
    app_.add_flag_callback(
        "-q,--quiet", [this] { common_.detail = Detail::quiet; },
        "No progress and no warnings");
    app_.add_flag_callback(
        "-v,--verbose", [this] { common_.detail = Detail::verbose; },
        "Say more about what is done");
    add_verbs();
    app_.footer(footer);  // after the verbs, which would inherit it
  }

  int run(int argc, char** argv) {
    // So that the first word that is no verb is said to be one.
    app_.allow_extras(false);
    app_.parse(argc, argv);
    if (!verb_) {
      std::cout << app_.help();
      return static_cast<int>(ExitCode::usage);
    }
    return verb_();
  }

  const Common& common() const { return common_; }

  /// Returns what a parse error means: the exit code, with the message printed.
  int explain(const CLI::ParseError& error, int argc, char** argv) {
    if (error.get_exit_code() == 0) {
      app_.exit(error, std::cout, std::cerr);
      return 0;
    }
    std::string message = error.what();
    const auto word = first_word(argc, argv);
    if (word && !is_verb(*word)) {
      message =
          fmt::format("'{}' is not a command", model::printable(*word, 40));
      if (const auto meant = model::nearest(*word, verbs())) {
        message += fmt::format("; did you mean '{}'?", *meant);
      }
    }
    const Failure failure{ExitCode::usage, message, {{"try", help_command()}}};
    if (common_.json) {
      std::cout << report::json(failure) << '\n';
    }
    report::Console(Detail::normal).error(failure);
    return static_cast<int>(ExitCode::usage);
  }

 private:
  void add_verbs() {
    auto* demo = app_.add_subcommand(
        "demo", "Try it: a first sync in seconds, offline, from a recording");
    demo->add_option("dir", directory_, "The folder it makes")
        ->type_name("DIR")
        ->capture_default_str();
    demo->callback([this] {
      verb_ = [this] { return cli::demo(directory_, common_.json); };
    });

    auto* init = app_.add_subcommand(
        "init", "Print a configuration to begin with, for a connector");
    init->add_option("connector", connector_,
                     "The connector: strandline connectors list")
        ->type_name("CONNECTOR")
        ->required();
    init->callback(
        [this] { verb_ = [this] { return cli::init(connector_); }; });

    auto* check = app_.add_subcommand(
        "check", "Look over the configuration, and ask each list once");
    check->add_option("stream", check_.streams, "Streams (default: all)")
        ->type_name("STREAM");
    check->add_flag("--offline", check_.offline, "Ask no source");
    check->callback(
        [this] { verb_ = [this] { return cli::check(common_, check_); }; });

    auto* sync = app_.add_subcommand("sync", "Fetch what changed");
    sync->add_option("stream", sync_.streams, "Streams (default: all)")
        ->type_name("STREAM");
    sync->add_flag("--full", sync_.full,
                   "Read from `start`, whatever was read before");
    sync->add_flag("--allow-sweep", sync_.allow_sweep,
                   "Delete what a whole list lacks, however many rows");
    sync->add_option("--since", sync_.since,
                     "Read again what changed from here on; the mark stays")
        ->type_name("TIME|NUMBER");
    sync->add_option("--until", sync_.until, "With --since: up to here")
        ->type_name("TIME|NUMBER");
    sync->add_option("--max-time", sync_.max_time,
                     "Stop after this time (90s, 10m, 2h); run again to go on")
        ->type_name("DURATION");
    add_recording(*sync);
    sync->callback(
        [this] { verb_ = [this] { return cli::sync(common_, sync_); }; });

    auto* status =
        app_.add_subcommand("status", "Show where each stream stands");
    status->add_option("stream", streams_, "Streams (default: all)")
        ->type_name("STREAM");
    status->callback(
        [this] { verb_ = [this] { return cli::status(common_, streams_); }; });

    auto* runs = app_.add_subcommand("runs", "Show the history, newest first");
    runs->add_option("stream", streams_, "Streams (default: all)")
        ->type_name("STREAM");
    runs->add_option("-n,--limit", limit_, "How many entries")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    runs->callback([this] {
      verb_ = [this] { return cli::runs(common_, streams_, limit_); };
    });

    add_rejects();
    add_rewind();
    add_reset();
    add_verify();
    add_har();
    add_connectors();

    auto* help = app_.add_subcommand("help", "Print this help, or a command's");
    help->add_option("command", topic_)->type_name("COMMAND");
    help->callback([this] { verb_ = [this] { return print_help(); }; });

    app_.add_subcommand("version", "Print the version")->callback([this] {
      verb_ = [this] { return cli::version(common_); };
    });
  }

  void add_recording(CLI::App& sync) {
    sync.add_option("--record", sync_.record,
                    "Write what goes over the wire, without secrets")
        ->type_name("FILE.har");
    sync.add_flag("--scrub", sync_.scrub,
                  "With --record: without what is about persons, too");
    sync.add_option("--replay", sync_.replay,
                    "Ask this recording instead of the network")
        ->type_name("FILE.har");
    sync.add_option("--ignore", sync_.ignore,
                    "A parameter, or place in the body, that does not count "
                    "in a replay")
        ->type_name("NAME|/POINTER")
        ->allow_extra_args(false);
  }

  void add_rejects() {
    auto* rejects =
        app_.add_subcommand("rejects", "Show what did not fit, and why");
    rejects->add_option("stream", rejects_.streams, "Streams (default: all)")
        ->type_name("STREAM");
    rejects->add_flag("--all", rejects_.resolved,
                      "Also those that were loaded since");
    rejects->add_flag("--raw", rejects_.raw,
                      "Also the records as they were sent");
    rejects->add_option("-n,--limit", rejects_.limit, "How many")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000))
        ->capture_default_str();
    auto* retry = rejects->add_subcommand(
        "retry", "Load them after a fix of the configuration");
    retry->add_option("stream", streams_, "Streams (default: all)")
        ->type_name("STREAM");
    retry->add_flag("--dry-run", dry_run_,
                    "Say what would load, and do nothing");
    rejects->callback([this, retry] {
      if (!retry->parsed()) {
        verb_ = [this] { return cli::rejects(common_, rejects_); };
        return;
      }
      streams_.insert(streams_.end(), rejects_.streams.begin(),
                      rejects_.streams.end());
      verb_ = [this] {
        return cli::rejects_retry(common_, streams_, dry_run_);
      };
    });
  }

  void add_rewind() {
    auto* rewind = app_.add_subcommand(
        "rewind", "Move a mark back, so that the next sync reads again");
    rewind->add_option("stream", stream_, "The stream")
        ->type_name("STREAM")
        ->required();
    rewind
        ->add_option("--to", target_.mark, "The new mark, earlier than the old")
        ->type_name("TIME|NUMBER");
    rewind->add_option("--run", target_.run, "The mark after this earlier run")
        ->type_name("N");
    rewind->add_flag("--yes", yes_, "Do not ask");
    rewind->callback([this] {
      verb_ = [this] { return cli::rewind(common_, stream_, target_, yes_); };
    });
  }

  void add_verify() {
    auto* verify = app_.add_subcommand(
        "verify", "Prove that a second run and a killed one end the same");
    verify
        ->add_option("stream", verification_.streams, "Streams (default: all)")
        ->type_name("STREAM");
    verify
        ->add_option("--replay", verification_.replay,
                     "Answer from this recording; opens no socket")
        ->type_name("FILE.har");
    verify->add_flag("--crash", verification_.crash,
                     "Also kill runs at every commit and at random instants");
    verify->add_flag("--digest", verification_.digest,
                     "Print the digests of the tables, to compare machines by");
    verify->add_option("--seed", verification_.seed, "Choose the same instants")
        ->type_name("N");
    verify->add_flag("--keep", verification_.keep, "Leave the scratch files");
    verify->callback([this] {
      verb_ = [this] { return cli::verify(common_, verification_); };
    });
  }

  void add_reset() {
    auto* reset = app_.add_subcommand(
        "reset", "Forget where a stream stands; the next sync begins anew");
    reset->add_option("stream", stream_, "The stream")
        ->type_name("STREAM")
        ->required();
    reset->add_flag("--rows", rows_,
                    "Delete the table's rows and the stream's rejects too");
    reset->add_flag("--yes", yes_, "Do not ask");
    reset->callback([this] {
      verb_ = [this] { return cli::reset(common_, stream_, rows_, yes_); };
    });
  }

  void add_har() {
    auto* har = app_.add_subcommand("har", "Look at recordings, redact them");
    har->require_subcommand(1);
    const auto add_file = [this](CLI::App& verb) {
      verb.add_option("file", har_.file, "The recording, in HAR")
          ->type_name("FILE")
          ->required();
    };

    auto* list = har->add_subcommand("list", "Show what is in a recording");
    add_file(*list);
    list->callback([this] {
      verb_ = [this] { return cli::har_list(common_, har_.file); };
    });

    auto* redact = har->add_subcommand(
        "redact", "Put placeholders for the secrets in a recording");
    add_file(*redact);
    redact
        ->add_option("-o,--output", har_.out,
                     "Write here, for the owner alone (default: standard "
                     "output)")
        ->type_name("FILE");
    redact->add_flag("--scrub", har_.scrub,
                     "Replace e-mail addresses, telephone numbers and names "
                     "too");
    redact->callback(
        [this] { verb_ = [this] { return cli::har_redact(common_, har_); }; });
  }

  void add_connectors() {
    auto* connectors = app_.add_subcommand(
        "connectors", "Show what sources can be read without a description");
    connectors->require_subcommand(1);
    connectors->add_subcommand("list", "Show all, a line each")
        ->callback([this] {
          verb_ = [this] { return cli::connectors_list(common_); };
        });
    auto* show = connectors->add_subcommand(
        "show", "Print one: where its facts come from, options, streams");
    show->add_option("connector", connector_, "The connector")
        ->type_name("CONNECTOR")
        ->required();
    show->callback([this] {
      verb_ = [this] { return cli::connectors_show(common_, connector_); };
    });

    auto* schema = app_.add_subcommand(
        "schema", "Print the JSON Schema of configurations, for editors");
    schema->add_flag("--connector", of_connector_, "That of connectors");
    schema->callback(
        [this] { verb_ = [this] { return cli::schema(of_connector_); }; });
  }

  int print_help() {
    if (!topic_.empty() && !is_verb(topic_)) {
      throw Error(ExitCode::usage, "no help on '" + topic_ + "'",
                  {{"try", "strandline help"}});
    }
    // This one's help would be about `help`, the command that was given.
    const Program other;
    std::cout << (topic_.empty()
                      ? other.app_.help()
                      : other.app_.get_subcommand(topic_)->help("strandline"));
    return 0;
  }

  std::vector<std::string_view> verbs() const {
    std::vector<std::string_view> names;
    for (const auto* verb : app_.get_subcommands({})) {
      names.push_back(verb->get_name());
    }
    return names;
  }

  bool is_verb(std::string_view word) const {
    const auto names = verbs();
    return std::find(names.begin(), names.end(), word) != names.end();
  }

  // What prints the help of the command that was understood: "strandline har
  // --help" of `har`, "strandline --help" where there is none.
  std::string help_command() const {
    std::string command = "strandline";
    for (auto verbs = app_.get_subcommands(); !verbs.empty();
         verbs = verbs.front()->get_subcommands()) {
      command += " " + verbs.front()->get_name();
    }
    return command + " --help";
  }

  // The first argument that is neither an option nor an option's value.
  static std::optional<std::string_view> first_word(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string_view word = argv[i];
      if (word == "-c" || word == "--config") {
        ++i;
      } else if (!word.starts_with('-')) {
        return word;
      }
    }
    return {};
  }

  CLI::App app_;
  Common common_;
  std::function<int()> verb_;
  std::filesystem::path directory_ = "strandline-demo";
  std::vector<std::string> streams_;
  std::string topic_;
  SyncRequest sync_;
  VerifyRequest verification_;
  std::size_t limit_ = 20;
  RejectOptions rejects_;
  bool dry_run_ = false;
  std::string stream_;
  RewindTarget target_;
  HarRedaction har_;
  bool rows_ = false;
  bool yes_ = false;
  CheckRequest check_;
  std::string connector_;
  bool of_connector_ = false;
};

int fail(const std::exception& error, bool json) {
  const auto failure = sync::describe(error);
  if (json) {
    std::cout << report::json(failure) << '\n';
  }
  report::Console(Detail::normal).error(failure);
  return static_cast<int>(failure.code);
}

// An answer that did not reach its reader is a failure, whatever it said.
int finish(int code) {
  errno = 0;
  if (std::cout.flush()) {
    return code;
  }
  std::cerr << "strandline: cannot write to standard output: "
            << std::strerror(errno) << '\n';
  return code == 0 ? static_cast<int>(ExitCode::io) : code;
}

}  // namespace

int run(int argc, char** argv) noexcept {
  try {
    // A reader that went away is seen as a failed write.
    std::signal(SIGPIPE, SIG_IGN);
    Program program;
    try {
      return finish(program.run(argc, argv));
    } catch (const CLI::ParseError& error) {
      return finish(program.explain(error, argc, argv));
    } catch (const std::exception& error) {
      return finish(fail(error, program.common().json));
    }
  } catch (...) {
    return static_cast<int>(ExitCode::bug);
  }
}

}  // namespace strandline::cli
