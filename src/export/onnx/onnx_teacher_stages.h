#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "onnx/onnx_teacher_networks.h"

#include "tha4/nn/teacher/teacher_architecture.h"
#include "tha4/weights/state_dict.h"

// The stages of a teacher (tha4/nn/teacher/teacher_stages.h) as parts of a graph, whatever its architecture.
// Rest images [1 or N, 4, 512, 512]; poses [N, ...].

namespace tha4 {

/// A teacher's networks by what they do, to be written into graphs.
class TeacherSource {
 public:
  /// Throws InputError as load_teacher() does.
  TeacherSource(const std::filesystem::path& folder, std::optional<Architecture> architecture);

  Architecture architecture() const { return architecture_; }

  OnnxModule module(OnnxGraph& graph, TeacherNetwork network) const;

  /// make_graph(), its metadata with the architecture.
  std::unique_ptr<OnnxGraph> graph(const std::string& name, const std::string& description) const;

 private:
  Architecture architecture_;
  std::map<std::string, StateDict> states_;  ///< by official files
};

OnnxEyebrowLayers eyebrow_layers(const TeacherSource& teacher, const OnnxValue& rest_image);

/// The teacher's face crop of rest images, their eyebrows moved.
OnnxValue with_eyebrows(const TeacherSource& teacher, const OnnxValue& rest_image,
                        const OnnxEyebrowLayers& layers, const OnnxValue& eyebrow_pose);

/// Rest images with new eyes and mouths.
/// \param face  with_eyebrows()
OnnxValue with_face(const TeacherSource& teacher, const OnnxValue& rest_image, const OnnxValue& face,
                    const OnnxValue& face_pose);

/// Rest images with new faces by the compact teacher's one network.
/// \param face_pose  [N, 39]
OnnxValue with_compact_face(const TeacherSource& teacher, const OnnxValue& rest_image,
                            const OnnxValue& face_pose);

/// \param half_image  [N, 4, 256, 256], rest images with their new faces
OnnxRotated rotated_body(const TeacherSource& teacher, const OnnxValue& half_image,
                         const OnnxValue& rotation);

/// The frames.
/// \param image   [N, 4, 512, 512], rest images with their new faces
/// \param coarse  rotated_body()
OnnxValue edited_body(const TeacherSource& teacher, const OnnxValue& image, const OnnxRotated& coarse,
                      const OnnxValue& rotation);

}  // namespace tha4
