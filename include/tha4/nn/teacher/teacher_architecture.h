#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tha4 {

/// The architectures of teachers: the paper's (section 3), its baseline THA3 (section 4.3), and `compact`,
/// one U-Net for the whole face, the paper's rotator in smaller sizes, and an editor that corrects its
/// result, which is small enough to come with the project.
enum class Architecture { tha4, tha3, compact };

/// What a network of a teacher does; architectures may have networks of different classes for it.
enum class TeacherNetwork {
  eyebrow_decomposer,
  eyebrow_morphing_combiner,
  face_morpher,
  unet_face_morpher,  ///< in the place of the three
  half_resolution_rotator,
  editor
};

/// One network of one architecture.
struct ArchitectureRow {
  Architecture architecture;
  TeacherNetwork network;
  std::string_view file;  ///< its official name, without the extension
};

/// All architectures, the most usual first, each with its networks in the order in which they are used.
inline constexpr std::array kArchitectureTable = {
    ArchitectureRow{Architecture::tha4, TeacherNetwork::eyebrow_decomposer, "eyebrow_decomposer"},
    ArchitectureRow{Architecture::tha4, TeacherNetwork::eyebrow_morphing_combiner,
                    "eyebrow_morphing_combiner"},
    ArchitectureRow{Architecture::tha4, TeacherNetwork::face_morpher, "face_morpher"},
    ArchitectureRow{Architecture::tha4, TeacherNetwork::half_resolution_rotator, "body_morpher"},
    ArchitectureRow{Architecture::tha4, TeacherNetwork::editor, "upscaler"},
    ArchitectureRow{Architecture::tha3, TeacherNetwork::eyebrow_decomposer, "eyebrow_decomposer"},
    ArchitectureRow{Architecture::tha3, TeacherNetwork::eyebrow_morphing_combiner,
                    "eyebrow_morphing_combiner"},
    ArchitectureRow{Architecture::tha3, TeacherNetwork::face_morpher, "face_morpher"},
    ArchitectureRow{Architecture::tha3, TeacherNetwork::half_resolution_rotator,
                    "two_algo_face_body_rotator"},
    ArchitectureRow{Architecture::tha3, TeacherNetwork::editor, "editor"},
    ArchitectureRow{Architecture::compact, TeacherNetwork::unet_face_morpher, "unet_face_morpher"},
    ArchitectureRow{Architecture::compact, TeacherNetwork::half_resolution_rotator, "body_morpher"},
    ArchitectureRow{Architecture::compact, TeacherNetwork::editor, "residual_editor"}};

/// Its rows of the table.
std::vector<ArchitectureRow> rows_of(Architecture architecture);

/// The official name of the file of a network, without the extension. Throws Error where \p architecture has
/// no such network.
std::string file_of(Architecture architecture, TeacherNetwork network);

/// The names that options and reports use, and back; InputError names the nearest right one.
std::string to_string(Architecture architecture);
std::string to_string(TeacherNetwork network);
Architecture parse_architecture(const std::string& name);

/// What texts call it: "THA4".
std::string title_of(Architecture architecture);

/// All names of architectures, in the order of the table.
std::vector<std::string> architecture_names();

/// The networks of \p architecture that \p folder lacks, by their official files: "upscaler.pt".
std::vector<std::string> missing_files(const std::filesystem::path& folder, Architecture architecture);

/// Throws InputError that says which files of \p architecture \p folder lacks, if any.
void check_whole(const std::filesystem::path& folder, Architecture architecture);

/// The first architecture whose networks are all in \p folder. Where there is none, throws InputError that
/// says what the one with the fewest missing lacks.
Architecture architecture_of(const std::filesystem::path& folder);

}  // namespace tha4
