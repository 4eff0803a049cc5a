#include "vrm_terms.h"

#include "tha4/base/json_text.h"

namespace tha4 {
namespace {

using nlohmann::json;
using std::string;

constexpr const char* kLicenseOfVrm1 = "https://vrm.dev/licenses/1.0/";

string text_of(const json& meta, const char* key) {
  const auto found = meta.find(key);
  return found != meta.end() && found->is_string() ? found->get<string>() : string{};
}

/// Sets what a named licence of VRM 0.x says of passing on, changing and selling, and where it is to be read.
void apply_license_0(const string& name, json& terms) {
  if (name == "CC0") {
    terms["licenseUrl"] = "https://creativecommons.org/publicdomain/zero/1.0/";
    terms["creditNotation"] = "unnecessary";
  } else if (name.starts_with("CC_BY")) {
    string kind = name.substr(3);  // CC_BY_NC_SA: by-nc-sa
    for (char& letter : kind) letter = letter == '_' ? '-' : static_cast<char>(letter - 'A' + 'a');
    terms["licenseUrl"] = "https://creativecommons.org/licenses/" + kind + "/4.0/";
    terms["creditNotation"] = "required";
    if (kind.find("-nc") != string::npos) terms["commercialUsage"] = "personalNonProfit";
  } else if (name == "Redistribution_Prohibited") {
    terms["allowRedistribution"] = false;
    terms["modification"] = "prohibited";
    return;
  } else {
    return;
  }
  terms["otherLicenseUrl"] = terms["licenseUrl"];
  terms["allowRedistribution"] = true;
  terms["modification"] = name.ends_with("_ND") ? "prohibited" : "allowModificationRedistribution";
}

/// The terms of VRM 0.x in the words of 1.0.
json terms_of_version_0(const json& meta) {
  json terms = {{"licenseUrl", kLicenseOfVrm1}};
  for (const auto& [key, wanted] :
       {std::pair{"version", "version"}, {"contactInformation", "contactInformation"}}) {
    if (const string text = text_of(meta, key); !text.empty()) terms[wanted] = text;
  }
  if (const string author = text_of(meta, "author"); !author.empty()) terms["authors"] = {author};
  if (const string reference = text_of(meta, "reference"); !reference.empty())
    terms["references"] = {reference};
  const string user = text_of(meta, "allowedUserName");
  terms["avatarPermission"] = user == "Everyone"                   ? "everyone"
                              : user == "ExplicitlyLicensedPerson" ? "onlySeparatelyLicensedPerson"
                                                                   : "onlyAuthor";
  // "Ussage" is how VRM 0.x spells it.
  const auto is_allowed = [&](const char* key) { return text_of(meta, key) == "Allow"; };
  terms["allowExcessivelyViolentUsage"] = is_allowed("violentUssageName");
  terms["allowExcessivelySexualUsage"] = is_allowed("sexualUssageName");
  terms["commercialUsage"] = is_allowed("commercialUssageName") ? "personalProfit" : "personalNonProfit";
  string name = text_of(meta, "licenseName");
  if (name.starts_with("cc")) {  // as some programs write it
    for (char& letter : name)
      letter = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  apply_license_0(name, terms);
  // Terms and licences of the author's own are only to be read at these addresses, for which 1.0 has one
  // place.
  const string permissions = text_of(meta, "otherPermissionUrl"), license = text_of(meta, "otherLicenseUrl");
  if (!permissions.empty()) terms["otherLicenseUrl"] = permissions;
  if (!license.empty()) terms["otherLicenseUrl"] = license;
  if (!permissions.empty() && !license.empty() && permissions != license) {
    terms["references"].push_back(permissions);
  }
  return terms;
}

}  // namespace

VrmMeta vrm_meta_of(const GltfDocument& document) {
  VrmMeta result;
  for (const char* version : {"VRMC_vrm", "VRM"}) {
    const json::json_pointer place(string("/extensions/") + version + "/meta");
    if (!document.json.contains(place) || !document.json[place].is_object()) continue;
    json terms = document.json[place];
    if (string(version) == "VRM") {
      terms = terms_of_version_0(terms);
    } else {
      terms.erase("thumbnailImage");  // names a picture of the file
    }
    if (terms.contains("authors") && terms["authors"].is_string()) terms["authors"] = {terms["authors"]};
    if (!terms.contains("authors") || terms["authors"].empty()) terms["authors"] = {"unknown"};
    if (!terms.contains("licenseUrl")) terms["licenseUrl"] = kLicenseOfVrm1;
    result.terms = json_text(terms);
    break;
  }
  return result;
}

}  // namespace tha4
