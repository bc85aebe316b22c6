#include "probes/dns/csv.h"

#include <algorithm>
#include <optional>

#include "probes/base/utf8.h"

namespace mxswitch::probes {
namespace {

constexpr std::size_t kMaxText = 4u << 20;
constexpr std::size_t kMaxRows = 100'000;
constexpr std::size_t kMaxFields = 64;
constexpr std::size_t kMaxField = 1024;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::size_t line() const { return line_; }
  bool at_end() const { return at_ >= text_.size(); }
  bool skip_blank_line() {
    if (text_[at_] == '#') {
      while (!at_line_end()) ++at_;
    }
    return take_line_end();
  }

  // What is wrong, or nothing.
  std::optional<std::string> read_row(CsvRow& row) {
    do {
      if (row.fields.size() >= kMaxFields) return "more than 64 fields";
      row.fields.emplace_back();
      if (auto wrong = read_field(row.fields.back())) return wrong;
    } while (take(','));
    if (!at_end() && !take_line_end()) return "text follows a closing quote";
    return std::nullopt;
  }

 private:
  bool at_line_end() const { return at_end() || text_[at_] == '\n' || text_[at_] == '\r'; }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_line_end() {
    const bool carriage = take('\r');
    const bool newline = take('\n');
    if (newline || carriage) ++line_;
    return newline || carriage;
  }

  std::optional<std::string> read_field(std::string& field) {
    if (take('"')) return read_quoted(field);
    while (!at_line_end() && text_[at_] != ',') field += text_[at_++];
    if (field.size() > kMaxField) return "a field is longer than 1024 octets";
    return std::nullopt;
  }

  std::optional<std::string> read_quoted(std::string& field) {
    while (!at_end()) {
      if (take('"')) {
        if (!take('"')) return std::nullopt;
        field += '"';
      } else {
        if (text_[at_] == '\n') ++line_;
        field += text_[at_++];
      }
      if (field.size() > kMaxField) return "a field is longer than 1024 octets";
    }
    return "a quote is not closed";
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const std::string& file_name) {
  if (text.size() > kMaxText) return fail(Fault::usage, "the file is over 4 MiB", file_name);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // as spreadsheets write UTF-8
  std::vector<CsvRow> rows;
  Reader reader(text);
  while (!reader.at_end()) {
    if (reader.skip_blank_line()) continue;
    if (reader.at_end()) break;
    CsvRow row;
    row.line = reader.line();
    const auto wrong = reader.read_row(row);
    const std::string where = file_name + ":" + std::to_string(row.line);
    if (wrong) return fail(Fault::usage, *wrong, where);
    if (!std::ranges::all_of(row.fields, [](const std::string& f) { return is_utf8(f); }))
      return fail(Fault::usage, "the line holds octets that are no UTF-8", where,
                  "save the file as UTF-8, not as Latin-1 or Windows-1252");
    if (rows.size() >= kMaxRows) return fail(Fault::usage, "more than 100000 rows", where);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace mxswitch::probes
