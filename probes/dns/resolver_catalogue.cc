#include "probes/dns/resolver_catalogue.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "probes/dns/builtin_data.h"
#include "probes/dns/csv.h"
#include "probes/dns/dns_name.h"
#include "probes/dns/file_text.h"

namespace mxswitch::probes {
namespace {

const std::set<std::string> kColumns = {"address",   "address_v6",        "operator", "name",
                                        "place",     "country_code",      "latitude", "longitude",
                                        "filtering", "dnssec_validating", "tier",     "dot_name",
                                        "doh_url",   "upstream",          "seen_in"};

std::string place_in_file(const std::string& file, std::size_t line) {
  return file + ":" + std::to_string(line);
}

std::string column_list() {
  std::string list;
  for (const std::string& column : kColumns) list += (list.empty() ? "" : ", ") + column;
  return list;
}

// The header: which column stands where.
using Columns = std::map<std::string, std::size_t>;

Result<Columns> read_header(const CsvRow& row, const std::string& file) {
  Columns columns;
  const std::string where = place_in_file(file, row.line);
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    if (!kColumns.contains(row.fields[i])) {
      return fail(Fault::usage, "unknown column \"" + row.fields[i].substr(0, 80) + "\"", where,
                  "the first line names the columns, of: " + column_list());
    }
    if (!columns.emplace(row.fields[i], i).second) {
      return fail(Fault::usage, "column \"" + row.fields[i] + "\" stands twice", where);
    }
  }
  if (!columns.contains("address")) {
    return fail(Fault::usage, "the column \"address\" is missing", where);
  }
  return columns;
}

// Reads one row; keeps the first error.
class RowReader {
 public:
  RowReader(const Columns& columns, const CsvRow& row, std::string where)
      : columns_(columns), row_(row), where_(std::move(where)) {}

  Result<Resolver> read() {
    Resolver resolver;
    resolver.endpoint = endpoint();
    const std::string address = resolver.endpoint.text();
    resolver.operator_name = text("operator", address);
    resolver.name = text("name", resolver.operator_name);
    resolver.place = text("place");
    resolver.anycast = resolver.place.starts_with("anycast");
    resolver.country_code = country();
    resolver.latitude = number("latitude", 90);
    resolver.longitude = number("longitude", 180);
    resolver.filtering = text("filtering", "none") != "none";
    resolver.tier = tier();
    resolver.upstream = text("upstream");
    resolver.dot_name = dot_name();
    if (error_) return Failure(*error_);
    return resolver;
  }

 private:
  std::string text(const std::string& column, const std::string& fallback = {}) const {
    const auto found = columns_.find(column);
    if (found == columns_.end() || row_.fields[found->second].empty()) return fallback;
    return row_.fields[found->second];
  }
  void refuse(std::string what, std::string mend = {}) {
    if (!error_) error_ = Error{Fault::usage, std::move(what), where_, std::move(mend)};
  }
  Endpoint endpoint() {
    const auto parsed = Endpoint::parse(text("address"));
    if (parsed) return *parsed;
    refuse(parsed.error().where + ": " + parsed.error().what, parsed.error().mend);
    return {};
  }
  std::string country() {
    const std::string code = text("country_code");
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (code.empty()) return code;
    if (code.size() != 2 || !std::all_of(code.begin(), code.end(), is_capital)) {
      refuse("country code \"" + code.substr(0, 20) + "\" is not two capitals");
    }
    return code;
  }
  double number(const std::string& column, double most) {
    const std::string digits = text(column, "0");
    double value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc() || stop != end || !(value >= -most && value <= most)) {
      refuse(column + " \"" + digits.substr(0, 20) + "\" is not a number of degrees");
    }
    return value;
  }
  std::string dot_name() {
    const std::string name = text("dot_name");
    if (!name.empty() && !DnsName::parse(name) && !IpAddress::parse(name))
      refuse("dot_name \"" + name.substr(0, 80) + "\" is neither a name nor an address");
    return name;
  }
  Tier tier() {
    const std::string word = text("tier", "public");
    if (word != "public" && word != "isp") {
      refuse("tier \"" + word.substr(0, 20) + "\" is neither public nor isp");
    }
    return word == "isp" ? Tier::isp : Tier::public_;
  }

  const Columns& columns_;
  const CsvRow& row_;
  std::string where_;
  std::optional<Error> error_;
};

}  // namespace

Result<std::vector<Resolver>> parse_resolvers(std::string_view csv, const std::string& file_name) {
  const auto rows = parse_csv(csv, file_name);
  if (!rows) return Failure(rows.error());
  if (rows->empty()) return fail(Fault::usage, "the file is empty", file_name);
  const auto columns = read_header(rows->front(), file_name);
  if (!columns) return Failure(columns.error());
  std::vector<Resolver> resolvers;
  std::map<Endpoint, std::size_t> seen;
  for (std::size_t i = 1; i < rows->size(); ++i) {
    const CsvRow& row = (*rows)[i];
    const std::string where = place_in_file(file_name, row.line);
    if (row.fields.size() != columns->size()) {
      return fail(Fault::usage,
                  std::to_string(row.fields.size()) + " fields, but the first line names " +
                      std::to_string(columns->size()),
                  where);
    }
    auto resolver = RowReader(*columns, row, where).read();
    if (!resolver) return Failure(resolver.error());
    const auto [first, fresh] = seen.emplace(resolver->endpoint, row.line);
    if (!fresh) {
      return fail(Fault::usage, resolver->endpoint.text() + " stands twice", where,
                  "it is on line " + std::to_string(first->second) + " already");
    }
    resolvers.push_back(std::move(*resolver));
  }
  if (resolvers.empty()) return fail(Fault::usage, "no resolver is listed", file_name);
  return resolvers;
}

const Resolver* ResolverList::find(const Endpoint& endpoint) const {
  const auto found =
      std::find_if(begin(), end(), [&](const Resolver& r) { return r.endpoint == endpoint; });
  return found == end() ? nullptr : found;
}

std::vector<Resolver> builtin_resolvers(bool with_isp) {
  // A test holds that the compiled-in list parses.
  auto resolvers = parse_resolvers(builtin_resolvers_csv(), "builtin").value();
  if (!with_isp) std::erase_if(resolvers, [](const Resolver& r) { return r.tier == Tier::isp; });
  return resolvers;
}

Result<std::vector<Resolver>> load_resolvers(const std::string& source) {
  if (source == "builtin") return builtin_resolvers(false);
  if (source == "all") return builtin_resolvers(true);
  const auto text = read_text_file(source);
  if (!text) return Failure(text.error());
  return parse_resolvers(*text, source);
}

}  // namespace mxswitch::probes
